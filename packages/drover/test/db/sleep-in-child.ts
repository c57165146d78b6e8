import { openDatabase } from '../../src/db/pg.ts'

// A process that a test kills in the midst of a statement.
const db = await openDatabase(process.env.DATABASE_URL!)
await db.transaction((tx) => tx.query('select pg_sleep(50)'))
