import { beforeAll, expect, test } from 'vitest'
import type { Check } from '../../../packages/drover/src/check/check.ts'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import type { Manifest } from '../generator/manifest.ts'
import { allow, drover } from './command.ts'
import { legacyTemplate } from './dental.ts'
import { checkReference, compareForeseen, gapsOf } from './foreseen.ts'

let database: TestDatabase
let manifest: Manifest
let check: Check

beforeAll(async () => {
  const legacy = await legacyTemplate()
  manifest = legacy.manifest
  database = await createDatabase(legacy.name)
  check = await checkReference(database)
  const { code } = await drover(database, 'run', 'migration.ts', ...allow)
  expect(code).toBe(3)
}, 120_000)

test('what is foreseen of every mapping, column and code is what the run did and the manifest says', async () => {
  expect(await compareForeseen(database, check, manifest)).toEqual([])
})

test('nothing is left out', () => {
  expect(gapsOf(check)).toEqual([])
})
