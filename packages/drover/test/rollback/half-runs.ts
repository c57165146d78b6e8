import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import type { Database } from '../../src/db/connection.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { cancelRun } from '../../src/run/control.ts'
import { run } from '../../src/run/run.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/connect.ts'
import { type DatabaseState, stateOf } from '../support/state.ts'
import { type SubjectName, subjects } from './half-run-subjects.ts'

const child = fileURLToPath(new URL('./half-run-child.ts', import.meta.url))

/** How a run is stopped on the way. `fail`: the database refuses more rows than the run may set aside. */
const stops = ['kill', 'pause', 'cancel', 'fail'] as const

/** One run that is not finished, and how it is taken back. */
export interface HalfRun {
  readonly subject: SubjectName
  readonly stop: (typeof stops)[number]
  /** When, as a part of the time that an undisturbed run takes. */
  readonly at: number
  readonly rowsPerChunk: number
  readonly workers: number
  readonly blocksPerChunk: number
}

/** Draws half-finished runs; the same ones for a seed. Each way of stopping in turn, of each subject. */
export function drawHalfRuns(count: number, seed: number): readonly HalfRun[] {
  const random = randomFrom(seed)
  const oneOf = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!
  return Array.from({ length: count }, (_, i) => ({
    subject: i % 2 === 0 ? 'reversed' : 'practice',
    stop: stops[(i >> 1) % stops.length]!,
    at: random(),
    rowsPerChunk: oneOf([25, 60, 150]),
    workers: oneOf([1, 2, 4]),
    blocksPerChunk: oneOf([1, 3, 250]),
  }))
}

export function nameOf({ subject, stop, at, rowsPerChunk, workers, blocksPerChunk }: HalfRun): string {
  const where = stop === 'fail' ? 'at refused rows' : `after ${(at * 100).toFixed(0)} %`
  return `${subject}: ${stop} ${where} in chunks of ${rowsPerChunk} rows; back by ${workers} in chunks of ${blocksPerChunk} blocks`
}

/** What an undisturbed run of a subject does. */
export interface Undisturbed {
  readonly before: DatabaseState
  readonly target: unknown
  /** How long the run took, in milliseconds. */
  readonly ms: number
}

/** Runs the subject, in a database that holds it, to its end. */
export async function undisturbedRun(database: TestDatabase, subject: SubjectName): Promise<Undisturbed> {
  const before = await withDatabase(database.url, (db) => stateOf(database, db, ['old', 'new']))
  const code = await startRun(database.url, subject, 60, 100).exit
  if (code !== 0) throw new Error(`The undisturbed run ended with ${code}.`)
  const [row] = await database.query<{ ms: number }>(
    `select (extract(epoch from max(finished_at) - min(started_at)) * 1000)::float8 as ms from drover.step`,
  )
  return { before, target: await subjects[subject].targetOf(database), ms: row!.ms }
}

/**
 * Stops a run on the way, takes it back, and runs again. Returns what is wrong, or undefined; and the state in which the
 * run was.
 */
export async function complaintOfHalfRun(
  database: TestDatabase,
  half: HalfRun,
  { before, target, ms }: Undisturbed,
): Promise<{ readonly from: string; readonly complaint?: string }> {
  const { subject, workers, blocksPerChunk } = half
  return withDatabase(database.url, async (db) => {
    await stopOnTheWay(database, db, half, ms)
    const [{ state: from }] = (await database.query<{ state: string }>('select state from drover.run')) as [
      { state: string },
    ]
    const { verdict, findings } = await rollback(db, undefined, { workers, blocksPerChunk })
    const told = findings.filter((finding) => finding.verdict !== 'pass')
    if (verdict !== 'pass') return { from, complaint: `the rollback says ${JSON.stringify(told)}` }
    const after = await stateOf(database, db, ['old', 'new'])
    if (!isDeepStrictEqual(after, before)) return { from, complaint: `not as it was: ${JSON.stringify(after)}` }
    await run(db, await subjects[subject].planFor(db), { allowed: hazardNames, rowsPerChunk: 60 })
    const again = await subjects[subject].targetOf(database)
    if (!isDeepStrictEqual(again, target)) return { from, complaint: `another target: ${JSON.stringify(again)}` }
    return { from }
  })
}

async function stopOnTheWay(
  database: TestDatabase,
  db: Database,
  { subject, stop, at, rowsPerChunk }: HalfRun,
  ms: number,
): Promise<void> {
  const { process, started, exit } = startRun(database.url, subject, rowsPerChunk, stop === 'fail' ? 0 : 100)
  await started
  if (stop === 'fail') {
    await exit
    return
  }
  await Promise.race([sleep(at * ms), exit])
  if (stop === 'cancel') {
    // It may be over by now: then the way back begins at its end.
    await cancelRun(db, '1').catch((error) => {
      if (error.code !== 'state-refused') throw error
    })
  } else process.kill(stop === 'kill' ? 'SIGKILL' : 'SIGINT')
  await exit
}

function startRun(
  url: string,
  subject: SubjectName,
  rowsPerChunk: number,
  refusable: number,
): { readonly process: ChildProcess; readonly started: Promise<unknown>; readonly exit: Promise<number | null> } {
  const words = ['--conditions=source', '--no-warnings', child, url, subject, String(rowsPerChunk), String(refusable)]
  const started = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(started, 'exit').then(([code]) => code as number | null)
  return { process: started, started: Promise.race([once(started.stdout, 'data'), exit]), exit }
}

/** Numbers from 0 to 1, the same ones for a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
