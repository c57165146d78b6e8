import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { digest, ledgerAccount } from '../../../packages/drover/test/support/digest.ts'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { compareWithManifest } from '../compare.ts'
import type { Manifest } from '../generator/manifest.ts'
import { allow, drover, legacyTemplate, startDrover, targetDigest, targetSchemas } from './dental.ts'

let template: string
let manifest: Manifest
let reference: TestDatabase

beforeAll(async () => {
  const legacy = await legacyTemplate()
  template = legacy.name
  manifest = legacy.manifest
  reference = await createDatabase(template)
  const { code, stderr } = await drover(reference, 'run', 'migration.ts', ...allow)
  expect(stderr).not.toMatch(/error/i)
  expect(code).toBe(3)
}, 120_000)

const outcomeOf = async (database: TestDatabase) => ({
  target: await targetDigest(database),
  ledger: await ledgerAccount(database),
})

describe('the reference migration, at scale S', () => {
  test('gives every row the outcome and code that the manifest names', async () => {
    const query = (text: string, values?: readonly unknown[]) => reference.query(text, values)
    expect(await compareWithManifest(query, manifest)).toEqual([])
  })

  test('metric values: 10,000 = 9,690 loaded + 130 merged + 180 quarantined', async () => {
    const [sums] = await reference.query(`
      select sum(read)::int as read, sum(loaded)::int as loaded, sum(merged)::int as merged, sum(quarantined)::int as quarantined
      from drover.chunk where mapping = 'metric_values'`)
    expect(sums).toEqual({ read: 10_000, loaded: 9690, merged: 130, quarantined: 180 })
  })

  test('users: 34 + 4 + 2, clinics: 5 + 1', async () => {
    const sums = await reference.query(`
      select mapping, sum(loaded)::int as loaded, sum(merged)::int as merged, sum(quarantined)::int as quarantined
      from drover.chunk where mapping in ('profiles', 'clinics') group by mapping order by mapping`)
    expect(sums).toEqual([
      { mapping: 'clinics', loaded: 5, merged: 1, quarantined: 0 },
      { mapping: 'profiles', loaded: 34, merged: 4, quarantined: 2 },
    ])
  })

  test('verifies', async () => {
    const { code } = await drover(reference, 'verify')
    expect(code).toBe(0)
  })

  test('a second run changes nothing and says so', async () => {
    const before = await digest(reference, [...targetSchemas, 'drover'])
    const { code, stdout, stderr } = await drover(reference, 'run', 'migration.ts', ...allow)
    expect(code).toBe(3)
    expect(stdout + stderr).toMatch(/nothing was changed/i)
    expect(await digest(reference, [...targetSchemas, 'drover'])).toEqual(before)
  })

  // I7
  test.each([
    ['1', '100'],
    ['4', '100'],
    ['4', '50000'],
  ])('%s workers, chunks of %s rows: the same target', async (workers, rows) => {
    const database = await createDatabase(template)
    await drover(database, 'run', 'migration.ts', ...allow, '--workers', workers, '--chunk-rows', rows)
    expect(await outcomeOf(database)).toEqual(await outcomeOf(reference))
    await database.drop()
  })
})

// I1, I3
test('killed at five random moments and resumed: the same target', async () => {
  const expected = await outcomeOf(reference)
  for (let n = 0; n < 5; n++) {
    const database = await createDatabase(template)
    const child = startDrover(database, 'run', 'migration.ts', ...allow, '--chunk-rows', '1000')
    await sleep(600 + Math.random() * 5000)
    child.kill('SIGKILL')
    await once(child, 'close')
    const { code } = await drover(database, 'run', 'migration.ts', ...allow, '--chunk-rows', '1000')
    expect(code).toBe(3)
    expect(await outcomeOf(database)).toEqual(expected)
    await database.drop()
  }
}, 180_000)
