import { openDatabase } from '../../src/db/pg.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { type SubjectName, subjects } from './half-run-subjects.ts'

// A process that runs a subject, to be stopped on the way: node half-run-child.ts <url> <subject> <rows per chunk>
// <rows that the database may refuse>. It prints `started` when the run is begun; SIGINT pauses it.

const [url, name, rowsPerChunk, rows] = process.argv.slice(2) as [string, SubjectName, string, string]
const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
const db = await openDatabase(url, { connections: 5 })
await run(db, await subjects[name].planFor(db), {
  allowed: hazardNames,
  rowsPerChunk: Number(rowsPerChunk),
  maxQuarantined: { rows: Number(rows) },
  workers: 3,
  signal: interrupted.signal,
  onStart: () => process.stdout.write('started\n'),
}).catch((error) => {
  // What was made to fail is not worth a stack trace.
  if (error.code !== 'quarantine-limit') throw error
})
await db.close()
