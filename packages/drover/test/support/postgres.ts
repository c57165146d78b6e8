import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { connectTo, type TestDatabase } from './connect.ts'

export type { TestDatabase }

/** What the test file that is under way has made and not dropped yet, by name. */
const made = new Map<string, TestDatabase>()

/**
 * A fresh database on the shared server, dropped after the test file. `template` names a database to copy; nobody may be
 * connected to it.
 */
export async function createDatabase(template = 'template0'): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await onServer((client) => client.query(`create database ${name} template ${template} ${inject('copied')}`))
  const database = connectTo(urlOf(name))
  made.set(name, database)
  const drop = async () => {
    if (!made.delete(name)) return
    await database.disconnect()
    await onServer((server) => server.query(`drop database ${name} with (force)`))
  }
  return { ...database, drop }
}

/** Drops what is left of the databases of a test file: a server of thousands is slow, and full in the end. */
export async function dropDatabases(): Promise<void> {
  for (const { disconnect } of made.values()) await disconnect()
  if (made.size > 0) {
    await onServer(async (server) => {
      for (const name of made.keys()) await server.query(`drop database ${name} with (force)`)
    })
  }
  made.clear()
  const client = await maintenance
  maintenance = undefined
  await client?.end()
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

/** Runs statements as superuser in the maintenance database, on a connection that the test file has for all of them. */
export async function onServer<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  maintenance ??= connect()
  return use(await maintenance)
}

/**
 * Of the test file that is under way. A new session takes the server 20 ms, and a test file makes and drops many
 * databases.
 */
let maintenance: Promise<pg.Client> | undefined

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: inject('serverUrl') })
  // A test may end it, or the server.
  const forget = () => {
    maintenance = undefined
  }
  client.on('error', forget)
  await client.connect().catch((thrown: unknown) => {
    forget()
    throw thrown
  })
  return client
}
