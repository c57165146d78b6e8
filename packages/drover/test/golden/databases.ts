import type { Database } from '../../src/db/connection.ts'
import { openDatabase } from '../../src/db/pg.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

interface OpenDatabase {
  readonly database: TestDatabase
  readonly db: Database
}

const free: OpenDatabase[] = []

/**
 * Lends a database, with what the last one left in it: to make one for each case, to drop it and to warm up connections
 * takes longer than the cases. Those that run at the same time have one each.
 */
export async function withFreeDatabase<T>(use: (open: OpenDatabase) => Promise<T>): Promise<T> {
  const open = free.pop() ?? (await createOpen())
  try {
    return await use(open)
  } finally {
    free.push(open)
  }
}

export async function closeDatabases(): Promise<void> {
  for (const { db } of free) await db.close()
}

async function createOpen(): Promise<OpenDatabase> {
  const database = await createDatabase()
  return { database, db: await openDatabase(database.url, { connections: 4 }) }
}
