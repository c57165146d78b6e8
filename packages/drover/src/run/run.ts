import { hostname } from 'node:os'
import type { MemorySizes } from '../config.ts'
import type { Database, Queryable } from '../db/connection.ts'
import { retrying } from '../db/retry.ts'
import { DroverError, type ErrorCode, errorCodes } from '../error.ts'
import { stateRefused } from '../ledger/refused-state.ts'
import { changeSettings, findRun, type RunSettings, readFailure, readSettings } from '../ledger/run.ts'
import type { RunState } from '../ledger/state.ts'
import { readTallies } from '../ledger/tally.ts'
import { defaultServerLimits, type ServerLimits } from '../monitor/limits.ts'
import { readServer } from '../monitor/server.ts'
import { findWorkers } from '../monitor/session.ts'
import type { Plan } from '../plan/plan.ts'
import { droverVersion } from '../plan/version.ts'
import { type RowFunctions, requireFunctions } from './compute.ts'
import { ask, rest } from './control.ts'
import { startGovernor } from './governor.ts'
import { decideMemory } from './memory.ts'
import { defaultPace, fixedSizes, type Pace, pacedSizes, throttledSizes } from './pace.ts'
import { type StartedRun, startRun } from './start.ts'
import { requireSameVersion } from './version.ts'
import { work } from './work.ts'
import { type CommitSettings, defaultLimits, defaultWorkers, type RunLimits, workerNames } from './worker.ts'

/** How one process works on a run. */
export interface WorkOptions {
  /** Workers of this process. Default 2. */
  readonly workers?: number
  /** The row functions of the migration. Default none: a plan that needs some is refused. */
  readonly functions?: RowFunctions
  /** What chunks aim at where they have no fixed size. Default one second. */
  readonly pace?: Pace
  /** How long things may take. */
  readonly limits?: RunLimits
  /** What the run may ask of the server at most; beyond, it waits or works with less. */
  readonly serverLimits?: ServerLimits
  /** Sizes of memory to use in place of those that are decided from what the server has. */
  readonly memory?: Partial<MemorySizes>
  /**
   * Whether chunks are confirmed before they are on the disk: a crash of the server takes the last ones whole, and they are
   * done again. Default false.
   */
  readonly asyncCommit?: boolean
  /** Aborted: the workers of this process stop after the chunks that are under way. */
  readonly signal?: AbortSignal
  /** Told what there is to work on, before the work begins. */
  readonly onStart?: (started: StartedRun) => void
}

/** How a run is cut, what it may refuse, and which hazards were allowed. */
export interface RunOptions extends WorkOptions {
  /** Source rows that one chunk takes. Default: as many as fit into the time of the pace. */
  readonly rowsPerChunk?: number
  /** Rows of a mapping that the database may refuse before the run fails. Default 100. */
  readonly maxQuarantined?: RunSettings['maxQuarantined']
  /** Hazards that are allowed, by name. Default none. */
  readonly allowed?: readonly string[]
}

/** How far a run came. */
export interface RunOutcome {
  readonly runId: string
  /** `running` where this process has left others at work. */
  readonly state: RunState
  /** Whether this call found nothing left to do. */
  readonly alreadyLoaded: boolean
}

/**
 * Starts or resumes the run of a plan, or helps those who work on it, until it is loaded, paused, cancelled, or failed.
 * Aborting the signal pauses the run; where others had it before, it only stops the help.
 *
 * @throws DroverError what {@link startRun} and {@link work} throw.
 */
export async function run(db: Database, plan: Plan, options: RunOptions = {}): Promise<RunOutcome> {
  const { rowsPerChunk, maxQuarantined, allowed, ...workOptions } = options
  requireFunctions(plan, options.functions ?? new Map())
  const started = await startRun(db, plan, {
    ...(rowsPerChunk === undefined ? {} : { chunkRows: rowsPerChunk }),
    ...(maxQuarantined === undefined ? {} : { maxQuarantined }),
    ...(allowed === undefined ? {} : { allowed }),
  })
  options.onStart?.(started)
  const { run, outcome } = started
  if (outcome === 'already-loaded') return { runId: run.id, state: run.state, alreadyLoaded: true }
  return workOn(db, run.id, plan, { ...workOptions, onAbort: outcome === 'joined' ? 'leave' : 'pause' })
}

/**
 * Takes up a run that was paused, has failed, or has lost its workers, by the plan that is stored with it.
 *
 * @throws DroverError `run-missing`, `state-refused`, `function-missing`, and what {@link run} throws.
 */
export async function resume(db: Database, runId: string, options: RunOptions = {}): Promise<RunOutcome> {
  const stored = await db.transaction((tx) => findRun(tx, runId), { readOnly: true })
  if (['cancelled', 'rolling_back', 'rolled_back', 'finalized'].includes(stored.state)) {
    throw stateRefused(stored, ' and cannot be resumed')
  }
  return run(db, stored.plan, options)
}

/**
 * Works on a run that is running, whoever started it, until it is loaded, paused, cancelled, or failed. Aborting the
 * signal ends the help of this process and nothing else.
 *
 * @throws DroverError `run-missing`, `state-refused`, `version-differs`, `function-missing`, and what {@link work} throws.
 */
export async function help(db: Database, runId: string, options: WorkOptions = {}): Promise<RunOutcome> {
  const stored = await db.transaction((tx) => findRun(tx, runId), { readOnly: true })
  const { id, state, plan } = stored
  if (state === 'loaded' || state === 'verified') {
    options.onStart?.({ run: stored, outcome: 'already-loaded', workers: [], before: [] })
    return { runId: id, state, alreadyLoaded: true }
  }
  if (state !== 'running') throw stateRefused(stored, ' and cannot be worked on')
  requireSameVersion(stored)
  requireFunctions(plan, options.functions ?? new Map())
  const before = await db.transaction((tx) => readTallies(tx, id), { readOnly: true })
  options.onStart?.({ run: stored, outcome: 'joined', workers: await findWorkers(db, id), before })
  return workOn(db, id, plan, { ...options, onAbort: 'leave' })
}

interface Workplace extends WorkOptions {
  /** What the signal does to the run. */
  readonly onAbort: 'pause' | 'leave'
}

async function workOn(db: Database, runId: string, plan: Plan, options: Workplace): Promise<RunOutcome> {
  const { workers = defaultWorkers, functions = new Map(), pace = defaultPace, limits = defaultLimits } = options
  const { signal = new AbortController().signal, onAbort, serverLimits = defaultServerLimits } = options
  const read = async (tx: Queryable) => ({ settings: await readSettings(tx, runId), server: await readServer(tx) })
  const { settings, server } = await retrying(() => db.transaction(read, { readOnly: true }))
  const memory = decideMemory(server.memory, workers, options.memory)
  const commits: CommitSettings = {
    asyncChunks: options.asyncCommit ?? false,
    asyncServer: server.commitsAsynchronously,
  }
  // Those who help have settings of their own, and leave the run's as they are.
  if (onAbort === 'pause') {
    const working = { workers, ...memory, asyncCommit: commits.asyncChunks, mostBytesPerChunk: pace.mostBytes }
    await retrying(() => db.transaction((tx) => changeSettings(tx, runId, { working, drover: droverVersion })))
  }
  const sizes = settings.chunkRows === null ? pacedSizes(pace) : fixedSizes(settings.chunkRows)
  let asked: Promise<unknown> = Promise.resolve()
  const pause = () => {
    asked = ask(db, runId, 'pausing', 'interrupted').catch(() => {})
  }
  if (onAbort === 'pause') {
    if (signal.aborted) pause()
    else signal.addEventListener('abort', pause, { once: true })
  }
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const name = `${hostname()}.${process.pid}`
  const governor = startGovernor(db, runId, { workers, limits: serverLimits, server, process: name })
  const gated = { sizes: throttledSizes(sizes, governor), gate: governor }
  const common = { db, runId, plan, functions, limits, memory, commits, ...gated }
  await governor.looked
  const results = await Promise.allSettled(
    workerNames(hostname(), process.pid, workers).map((name, number) =>
      work({ ...common, name, number }, stop).catch((thrown) => {
        failed.abort()
        throw thrown
      }),
    ),
  )
  await governor.stop()
  signal.removeEventListener('abort', pause)
  await asked
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
  const state = await rest(db, runId, plan, limits)
  if (state === 'failed') throw await failureOf(db, runId)
  return { runId, state, alreadyLoaded: false }
}

/** Another process made the run fail: it has told why. */
async function failureOf(db: Database, runId: string): Promise<DroverError> {
  const { code, what, where, why } = await db.transaction((tx) => readFailure(tx, runId), { readOnly: true })
  const known = code !== undefined && code in errorCodes ? (code as ErrorCode) : 'chunk-failed'
  return new DroverError(known, what, { where, why })
}
