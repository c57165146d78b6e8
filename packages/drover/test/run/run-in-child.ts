import { openDatabase } from '../../src/db/pg.ts'
import { help, run } from '../../src/run/run.ts'
import { allowed, planFor, practice } from './fixture.ts'

// A process of its own, which tests kill: it runs the practice, or helps another to.
const [word = 'run', flag] = process.argv.slice(2)
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
const options = { workers: word === 'help' ? 2 : 3, signal: interrupted.signal }
const db = await openDatabase(process.env.DATABASE_URL!)
if (word === 'help') await help(db, '1', options)
else {
  const maxQuarantined = { rows: flag === '--fragile' ? 0 : 100 }
  const migration = flag === '--block' ? { ...practice, freeze: 'block' as const } : practice
  await run(db, await planFor(db, migration), { ...options, allowed, rowsPerChunk: 60, maxQuarantined })
}
await db.close()
