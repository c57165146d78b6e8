import pg from 'pg'
import type { CatalogQuery } from '../../src/catalog/read.ts'

/** The majors of the servers that the catalogue tests run on. */
export const serverMajors = [15, 18]

export interface TestDatabase {
  readonly execute: (statement: string) => Promise<void>
  /** Under the search path that readCatalog asks for. */
  readonly query: CatalogQuery
}

let last = 0

/** Runs `work` in a database of its own. */
export async function withDatabase(serverMajor: number, work: (database: TestDatabase) => Promise<void>): Promise<void> {
  const port = 5600 + serverMajor
  last += 1
  const name = `catalog_${process.pid}_${last}`
  await run(port, 'postgres', async (admin) => void (await admin.query(`create database ${name}`)))
  try {
    await run(port, name, async (client) => {
      await client.query('set search_path = pg_catalog')
      await work({
        execute: async (statement) => void (await client.query(statement)),
        query: async (text, values) => (await client.query(text, values as unknown[])).rows,
      })
    })
  } finally {
    await run(port, 'postgres', async (admin) => void (await admin.query(`drop database ${name}`)))
  }
}

async function run(port: number, database: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
