import type { Database } from '../db/connection.ts'
import { changeState, readRunState } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'
import type { Plan } from '../plan/plan.ts'
import { type RowFunctions, requireFunctions } from './compute.ts'
import { type StartedRun, startRun } from './start.ts'
import { work } from './work.ts'

export interface RunOptions {
  /** Workers of this process. Default 2. */
  readonly workers?: number
  /** Source rows that one chunk takes. Default 10,000. */
  readonly rowsPerChunk?: number
  /** Hazards that are allowed, by name. Default none. */
  readonly allowed?: readonly string[]
  /** The row functions of the migration. Default none: a plan that needs some is refused. */
  readonly functions?: RowFunctions
  /** Aborted: the run pauses after the chunks that are under way. */
  readonly signal?: AbortSignal
  /** Told once the run exists. */
  readonly onStart?: (started: StartedRun) => void
}

export interface RunOutcome {
  readonly runId: string
  readonly state: RunState
  /** Whether this call found nothing left to do. */
  readonly alreadyLoaded: boolean
}

export const defaultWorkers = 2
export const defaultRowsPerChunk = 10_000

/**
 * Starts or resumes the run of a plan and works on it until it is loaded, paused, or failed.
 *
 * @throws DroverError what {@link startRun} and {@link work} throw.
 */
export async function run(db: Database, plan: Plan, options: RunOptions = {}): Promise<RunOutcome> {
  const { workers = defaultWorkers, rowsPerChunk = defaultRowsPerChunk, allowed = [], functions = new Map() } = options
  const signal = options.signal ?? new AbortController().signal
  requireFunctions(plan, functions)
  const started = await startRun(db, plan, { chunkRows: rowsPerChunk, allowed })
  options.onStart?.(started)
  const runId = started.run.id
  if (started.outcome === 'already-loaded') return { runId, state: started.run.state, alreadyLoaded: true }

  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const results = await Promise.allSettled(
    Array.from({ length: workers }, (_, i) =>
      work(db, runId, plan, { worker: `worker ${i + 1}`, rowsPerChunk, functions, signal: stop }).catch((thrown) => {
        failed.abort()
        throw thrown
      }),
    ),
  )
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
  return db.transaction(async (tx) => {
    if (signal.aborted && (await changeState(tx, runId, 'pausing', 'interrupted'))) {
      await changeState(tx, runId, 'paused', 'the workers have stopped')
    }
    return { runId, state: await readRunState(tx, runId), alreadyLoaded: false }
  })
}
