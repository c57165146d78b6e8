import { hostname } from 'node:os'
import type { Database, Queryable } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { DroverError } from '../error.ts'
import { requireLedger } from '../ledger/install.ts'
import { recoverPrepared } from '../ledger/prepared.ts'
import { type Decisions, type RollbackFinding, type RollbackVerdict, readRollback } from '../ledger/rollback.ts'
import { type RollbackTally, readRollbackTallies } from '../ledger/rollback-chunk.ts'
import { findRun, type Run, readRunState } from '../ledger/run.ts'
import { ask, rest } from '../run/control.ts'
import { defaultLimits, defaultWorkers, type RunLimits, workerNames, workerSettings } from '../run/worker.ts'
import { begin } from './begin.ts'
import { discardAdded } from './conflicts/discard.ts'
import { undecidedError } from './conflicts/undecided.ts'
import { finish, restoreObjects } from './finish.ts'
import { mayReplicate } from './triggers.ts'
import { inTransaction, takeBack } from './work.ts'

/** What was decided about conflicts, and how the work is done. */
export interface RollbackOptions {
  /** Workers of this process. Default 2. */
  readonly workers?: number
  /** What is done about rows that others changed or added since, by table; `*` for all. Default: nothing is touched. */
  readonly onConflict?: Decisions
  /** Hazards that are allowed, by name: `restore-fires-triggers`. Default none. */
  readonly allowed?: readonly string[]
  /** Blocks of the crosswalk that one chunk takes, of 8,192 bytes each, about 80 rows. Default 250. */
  readonly blocksPerChunk?: number
  /** How long things may take. */
  readonly limits?: RunLimits
  /** Aborted: the rollback stops after the chunks that are under way; the same call goes on. */
  readonly signal?: AbortSignal
  /** Told how far it is, at the beginning and after each chunk. */
  readonly onProgress?: (tallies: readonly RollbackTally[]) => void
}

/** What came of a rollback. */
export interface RollbackOutcome {
  readonly runId: string
  /** `rolling_back` where it was interrupted. */
  readonly state: 'rolled_back' | 'rolling_back'
  /** Null where it was interrupted. */
  readonly verdict: RollbackVerdict | null
  readonly findings: readonly RollbackFinding[]
  readonly tallies: readonly RollbackTally[]
  /** Whether this call found nothing left to do. */
  readonly alreadyBack: boolean
}

/** The longest that the search for conflicts may take, in milliseconds: it reads all rows that were loaded. */
const longestSearchMs = 6 * 3_600_000

/**
 * Takes back what a run has done, from any state but finalized: removes what it loaded, newest step first, restores what it
 * changed, sets sequences and objects back, and compares all of it with the start (I6). Where it was interrupted, or killed,
 * the same call goes on.
 *
 * @throws DroverError `rollback-conflicts` with the rows about which nothing is decided; nothing was touched then ·
 * `rollback-refused`, `state-refused`, `hazard-not-allowed`, `plan-stale`, `run-missing`, `ledger-missing`.
 */
export async function rollback(
  db: Database,
  id: string | undefined,
  options: RollbackOptions = {},
): Promise<RollbackOutcome> {
  const { workers = defaultWorkers, onConflict = {}, allowed = [], blocksPerChunk = 250 } = options
  const { limits = defaultLimits, signal = new AbortController().signal, onProgress = () => {} } = options
  const run = await retrying(() => db.transaction((tx) => findOf(tx, id), { readOnly: true }), limits.patience)
  const runId = run.id
  if (run.state === 'rolled_back') return endedBefore(db, runId, limits)
  await bringToRest(db, run, limits)
  await retrying(() => recoverPrepared(db, run.plan), limits.patience)
  const replicates = await retrying(() => mayReplicate(db), limits.patience)
  const begun = await retrying(
    () =>
      db.transaction(
        async (tx) => {
          await lockRun(tx, runId)
          const held = await findRun(tx, runId)
          requireRestored(held)
          return begin(tx, held, { onConflict, allowed, replicates, blocksPerChunk })
        },
        {
          name: `run ${runId} rollback begin`,
          statementTimeoutMs: longestSearchMs,
          lockTimeoutMs: limits.lockMs,
          settings: workerSettings,
        },
      ),
    limits.patience,
  )
  if (begun.kind === 'undecided') throw undecidedError(runId, begun.conflicts)
  const { way, triggers } = begun
  const common = { db, way, triggers, limits }
  const names = workerNames(hostname(), process.pid, workers)
  // Another process may have ended the rollback: sequences and objects can be those of a newer run then.
  const act = <T>(purpose: 'discard' | 'restore' | 'finish', work: (tx: Queryable) => Promise<T>) =>
    retrying(
      () =>
        inTransaction({ ...common, name: names[0]! }, purpose, async (tx) => {
          await lockRun(tx, runId)
          return (await readRunState(tx, runId)) === 'rolling_back' ? { done: await work(tx) } : undefined
        }),
      limits.patience,
    )
  const readTallies = () =>
    retrying(() => db.transaction((tx) => readRollbackTallies(tx, runId), { readOnly: true }), limits.patience)
  await act('discard', (tx) => discardAdded(tx, way))
  onProgress(await readTallies())
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const results = await Promise.allSettled(
    names.map((name) =>
      takeBack({ ...common, name, onChunk: () => void readTallies().then(onProgress, () => {}) }, stop).catch(
        (thrown) => {
          failed.abort()
          throw thrown
        },
      ),
    ),
  )
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
  const tallies = await readTallies()
  if (tallies.some(({ chunks, chunksDone }) => chunksDone < chunks)) {
    return { runId, state: 'rolling_back', verdict: null, findings: [], tallies, alreadyBack: false }
  }
  const restored = await act('restore', (tx) => restoreObjects(tx, way))
  const ended = restored && (await act('finish', (tx) => finish(tx, way, restored.done)))
  if (ended === undefined) return { ...(await endedBefore(db, runId, limits)), alreadyBack: false }
  return { runId, state: 'rolled_back', ...ended.done, tallies, alreadyBack: false }
}

function lockRun(tx: Queryable, runId: string): Promise<unknown> {
  return tx.query('select from drover.run where id = $1 for update', [runId])
}

async function findOf(tx: Queryable, id: string | undefined): Promise<Run> {
  await requireLedger(tx)
  return findRun(tx, id)
}

/** What the ledger holds of a rollback that is over. */
async function endedBefore(db: Database, runId: string, { patience }: RunLimits): Promise<RollbackOutcome> {
  const read = async (tx: Queryable): Promise<RollbackOutcome> => {
    const { verdict, findings } = (await readRollback(tx, runId))!
    const tallies = await readRollbackTallies(tx, runId)
    return { runId, state: 'rolled_back', verdict, findings, tallies, alreadyBack: true }
  }
  return retrying(() => db.transaction(read, { readOnly: true }), patience)
}

/** A run that is under way is cancelled first: its workers stop after the chunks they are at. */
async function bringToRest(db: Database, run: Run, limits: RunLimits): Promise<void> {
  if (run.state === 'running' || run.state === 'pausing') await ask(db, run.id, 'cancelling', 'a rollback is asked for')
  if (['running', 'pausing', 'cancelling'].includes(run.state)) await rest(db, run.id, run.plan, limits)
}

function requireRestored({ id, state }: Run): void {
  if (state !== 'finalized' && state !== 'running' && state !== 'pausing' && state !== 'cancelling') return
  throw new DroverError('state-refused', `Run ${id} is ${state} and cannot be taken back.`, {
    remedy:
      state === 'finalized'
        ? 'To finalize a run gives its way back up. Restore a backup from before it.'
        : `Somebody works on it again: see drover status --run ${id}.`,
  })
}
