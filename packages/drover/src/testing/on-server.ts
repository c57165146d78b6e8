import { type RawBuilder, sql } from 'kysely'
import pg from 'pg'
import { asDroverError } from '../db/server-error.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, identifier } from '../sql/nodes.ts'

/**
 * Makes a database, empty or as a copy of `template`, to which nobody may be connected. @throws DroverError
 * `privilege-missing`
 */
export async function createDatabase(server: string, name: string, template: string | undefined): Promise<void> {
  const copied = template === undefined ? sql`` : sql` template ${named(template)}`
  await onServer(server, sql`create database ${named(name)}${copied}`)
}

/** Drops a database, whoever is connected to it; one that is gone is gone. */
export async function dropDatabase(server: string, name: string): Promise<void> {
  await onServer(server, sql`drop database if exists ${named(name)} with (force)`)
}

function named(name: string) {
  return expressionOf(identifier(name))
}

/** Runs a statement that no transaction may hold. */
async function onServer(server: string, statement: RawBuilder<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: server, application_name: 'drover testing' })
  await client.connect()
  try {
    await client.query(compile(statement.toOperationNode()))
  } catch (thrown) {
    throw asDroverError(thrown, 'statement-failed', 'A database for tests could not be made or dropped.')
  } finally {
    await client.end()
  }
}
