import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../packages/drover/test/support/postgres.ts'
import { createSchemas } from '../database.ts'
import { drover } from './command.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await createSchemas(client)
  await client.end()
})

test.each([
  ['Legacy', 'legacy,migration_input', 'legacy.types.ts'],
  ['App', 'auth,public', 'app.types.ts'],
])('the types of %s are those of the schemas %s', async (name, schemas, file) => {
  const { code, stdout } = await drover(database, 'types', '--interface', name, '--schema', schemas)
  expect(code).toBe(0)
  expect(stdout).toBe(await readFile(new URL(`../${file}`, import.meta.url), 'utf8'))
})
