import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, inject } from 'vitest'

export interface TestDatabase {
  /** The superuser's connection string. */
  readonly url: string
  readonly name: string
  /** Runs statements without parameters, or one with them, on a connection of its own, which stays open. */
  query<R extends pg.QueryResultRow = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>
  /** Closes the connection, so that the database can be a template; the next query opens it again. */
  disconnect(): Promise<void>
  drop(): Promise<void>
}

/**
 * A fresh database on the shared server, dropped after the test file. `template` names a database to copy; nobody may be
 * connected to it.
 */
export async function createDatabase(template = 'template0'): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await onServer((client) => client.query(`create database ${name} template ${template}`))
  const database = connectTo(urlOf(name))
  let dropped = false
  const drop = async () => {
    if (dropped) return
    dropped = true
    await database.disconnect()
    await onServer((server) => server.query(`drop database ${name} with (force)`))
  }
  afterAll(drop)
  return { ...database, drop }
}

/** A database of any server; to drop it is to disconnect. */
export function connectTo(url: string): TestDatabase {
  let client: pg.Client | undefined
  const connected = async () => {
    if (client) return client
    client = new pg.Client({ connectionString: url })
    // The database may be dropped under an idle connection.
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const disconnect = async () => {
    await client?.end()
    client = undefined
  }
  return {
    url,
    name: new URL(url).pathname.slice(1),
    query: async <R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) =>
      (await (await connected()).query<R>(text, values as unknown[])).rows ?? [],
    disconnect,
    drop: disconnect,
  }
}

/** The connection string of a database on the shared server, for a role and password if given. */
export function urlOf(database: string, role?: { readonly name: string; readonly password: string }): string {
  const url = new URL(inject('serverUrl'))
  url.pathname = `/${database}`
  if (role) {
    url.username = role.name
    url.password = role.password
  }
  return url.href
}

/** Runs statements as superuser in the maintenance database. */
export async function onServer<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: inject('serverUrl') })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
