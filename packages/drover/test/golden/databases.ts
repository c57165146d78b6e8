import type { Database } from '../../src/db/connection.ts'
import { openDatabase } from '../../src/db/pg.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

interface OpenDatabase {
  readonly database: TestDatabase
  readonly db: Database
}

/**
 * Makes a database for one case, and drops it. Of one that many cases have made and dropped their tables in, the server's
 * own catalogue is full of dead rows: that slows all that reads it more than a new database costs.
 */
export async function withOpenDatabase<T>(use: (open: OpenDatabase) => Promise<T>): Promise<T> {
  const database = await createDatabase()
  const db = await openDatabase(database.url, { connections: 4 })
  try {
    return await use({ database, db })
  } finally {
    await db.close()
    await database.drop()
  }
}
