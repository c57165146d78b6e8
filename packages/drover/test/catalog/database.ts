import { createDatabase, type TestDatabase } from '../support/postgres.ts'

/** A fresh database after the statements, its session under the search path that readCatalog asks for. */
export async function databaseWith(statements: readonly string[]): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.query('set search_path = pg_catalog')
  for (const statement of statements) await database.query(statement)
  return database
}

/** The server's major version. */
export async function serverMajorOf(database: TestDatabase): Promise<number> {
  const [row] = await database.query<{ version: number }>(
    `select current_setting('server_version_num')::int4 / 10000 as version`,
  )
  return row!.version
}
