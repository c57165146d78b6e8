import { readFileSync } from 'node:fs'
import { acceptance, expectNothingQuarantined, type TestDatabase, testDatabase } from 'drover/testing'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { renderTypes } from '../../../packages/drover/src/catalog/types.ts'
import { readSchemas } from '../../../packages/drover/src/cli/read-schemas.ts'
import { withDatabase } from '../../../packages/drover/test/run/fixture.ts'
import { before, migrations } from '../database.ts'
import migration from '../migration.ts'
import { afterClient, beforeClient, contentOf } from './content.ts'

let database: TestDatabase

beforeAll(async () => {
  const setup = [...(await before()), ...(await migrations())]
  database = await testDatabase({ url: inject('serverUrl'), setup })
})

afterAll(() => database.drop())

test('the mapping has less than sixty lines', () => {
  const lines = readFileSync(new URL('../migration.ts', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  expect(lines.length).toBeLessThan(60)
  expect(migration.mappings.length).toBe(10)
})

test('the types are those of the schemas', async () => {
  for (const [schema, interfaceName] of [
    ['legacy', 'Legacy'],
    ['public', 'Public'],
  ] as const) {
    const catalog = await withDatabase(database.url, (db) => readSchemas(db, [schema]))
    const written = readFileSync(new URL(`../${schema}.types.ts`, import.meta.url), 'utf8')
    expect(written).toBe(renderTypes(catalog, { interfaceName, schemas: [schema] }))
  }
})

test('both clients read the same, but for the ids', async () => {
  // Run, verified, taken back to the exact start, and run again.
  const result = await acceptance({ migration, database, allow: ['drops-indexes'] })
  expectNothingQuarantined(result)
  const [old, current] = [await beforeClient(database.url), await afterClient(database.url)]
  try {
    const read = await contentOf(current)
    expect(read).toEqual(await contentOf(old))
    expect(read.posts.length).toBe(300)
    expect(read.settings.flatMap(({ pinned }) => pinned).filter((title) => title === 'lost').length).toBe(2)
  } finally {
    await old.$disconnect()
    await current.$disconnect()
  }
})

test('ids are UUIDs that sort by the time at which rows were made', async () => {
  const posts = await database.query<{ id: string; createdAt: Date }>('select id, "createdAt" from "Post" order by id')
  expect(posts.every(({ id }) => /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id))).toBe(true)
  const times = posts.map(({ createdAt }) => createdAt.getTime())
  expect(times).toEqual([...times].sort((a, b) => a - b))
})
