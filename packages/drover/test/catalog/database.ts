import pg from 'pg'
import type { CatalogQuery } from '../../src/catalog/read.ts'

/** The majors of the servers that the catalogue tests run on. */
export const serverMajors = [15, 18]

/** A database of its own, in a session with the search path that readCatalog asks for. */
export interface TestDatabase {
  readonly execute: (statement: string) => Promise<void>
  readonly query: CatalogQuery
  /** The same through a driver that parses no type. */
  readonly queryText: CatalogQuery
  readonly close: () => Promise<void>
}

let opened = 0

export async function openDatabase(serverMajor: number): Promise<TestDatabase> {
  const port = 5600 + serverMajor
  opened += 1
  const name = `catalog_${process.pid}_${opened}`
  await administer(port, `create database ${name}`)
  const client = await connect(port, name)
  await client.query('set search_path = pg_catalog')
  return {
    execute: async (statement) => void (await client.query(statement)),
    query: async (text, values) => (await client.query(text, values as unknown[])).rows,
    queryText: async (text, values) =>
      (await client.query({ text, values: values as unknown[], types: { getTypeParser: () => String } })).rows,
    close: async () => {
      await client.end()
      await administer(port, `drop database ${name}`)
    },
  }
}

async function connect(port: number, database: string): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database })
  await client.connect()
  return client
}

async function administer(port: number, statement: string): Promise<void> {
  const client = await connect(port, 'postgres')
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
