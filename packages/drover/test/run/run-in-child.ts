import { openDatabase } from '../../src/db/pg.ts'
import { run } from '../../src/run/run.ts'
import { allowed, planFor } from './fixture.ts'

// A run in a process of its own: tests kill it.
const db = await openDatabase(process.env.DATABASE_URL!)
await run(db, await planFor(db), { allowed, workers: 3, rowsPerChunk: 60 })
await db.close()
