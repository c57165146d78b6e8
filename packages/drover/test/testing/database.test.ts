import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { testDatabase } from 'drover/testing'
import pg from 'pg'
import { afterAll, expect, inject, onTestFinished, test } from 'vitest'
import { dropLeftovers } from '../../src/testing/leftovers.ts'
import { madeAt, testName } from '../../src/testing/name.ts'
import { urlOf } from '../support/postgres.ts'

const url = inject('serverUrl')
const isThere = async (name: string) => {
  const rows = await server.query('select from pg_database where datname = $1', [name])
  return rows.length === 1
}
const server = await testDatabase({ url })
afterAll(() => server.drop())

test('steps are carried out in order and once, and each database is its own', async () => {
  let calls = 0
  const setup = [
    'create table t (n int); set search_path = nowhere',
    'insert into t values (1)',
    async (database: { query(text: string): Promise<unknown> }) => {
      calls++
      await database.query('insert into t values (2)')
    },
  ]
  const one = await testDatabase({ url, setup })
  const other = await testDatabase({ url, setup: [...setup] })
  await one.query('delete from t')
  expect(await one.query('select n from t')).toEqual([])
  expect(await other.query<{ n: number }>('select n from t where n > $1', [1])).toEqual([{ n: 2 }])
  expect(calls).toBe(1)
  await one.drop()
  await one.drop()
  expect(await isThere(one.name)).toBe(false)
  expect(await isThere(other.name)).toBe(true)
  await other[Symbol.asyncDispose]()
  expect(await isThere(other.name)).toBe(false)
})

test('a script may be what pg_dump writes, and its mistakes are found by file and line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-testing-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'schema.sql')
  await writeFile(file, '\\restrict abc\ncreate table t (n int);\n\\unrestrict abc\n')
  const database = await testDatabase({ url, setup: [pathToFileURL(file)] })
  expect(await database.query('select n from t')).toEqual([])
  await database.drop()
  await writeFile(file, 'create table t (n int);\n\ncreate tabel u ();')
  const wrong = { url, setup: ['select 1', pathToFileURL(file)] }
  await expect(testDatabase(wrong)).rejects.toMatchObject({
    code: 'statement-failed',
    where: `step 2, ${file}, line 3`,
    cause: { message: 'syntax error at or near "tabel"' },
  })
  // What failed is tried again.
  await writeFile(file, 'create table u ()')
  await (await testDatabase(wrong)).drop()
})

test('a server that is not there is named, and not its password', async () => {
  const nowhere = testDatabase({ url: 'postgresql://me:secret@127.0.0.1:1/postgres' })
  await expect(nowhere).rejects.toMatchObject({ code: 'database-unreachable' })
  await expect(nowhere).rejects.not.toThrow('secret')
})

test('databases of processes that were killed are dropped a day later, unless somebody uses them', async () => {
  const day = 24 * 3_600_000
  const names = [Date.now() - day - 1000, Date.now() - day + 60_000, Date.now() - 3 * day].map(testName)
  expect(names.map(madeAt).every(Number.isInteger)).toBe(true)
  expect(madeAt('drover_test_results')).toBeUndefined()
  for (const name of [...names, 'drover_test_results']) await server.query(`create database ${name}`)
  const used = await testDatabase({ url })
  await used.query(`select 1`)
  const client = new pg.Client({ connectionString: urlOf(names[2]!) })
  await client.connect()
  await dropLeftovers(url)
  expect(await Promise.all([...names, 'drover_test_results', used.name].map(isThere))).toEqual([
    false,
    true,
    true,
    true,
    true,
  ])
  await client.end()
  for (const name of [names[1], names[2], 'drover_test_results']) await server.query(`drop database ${name}`)
  await used.drop()
})
