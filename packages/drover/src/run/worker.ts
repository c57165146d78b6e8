import type { TimeLimits } from '../config.ts'
import type { Database, Queryable, TransactionOptions } from '../db/connection.ts'
import { defaultPatience, type PatienceLimits } from '../db/patience.ts'
import { defaultSilenceMs } from '../db/silence.ts'
import { workerName } from '../monitor/worker-name.ts'
import type { MappingPlan, Plan } from '../plan/plan.ts'
import type { RowFunctions } from './compute.ts'
import type { Gate } from './governor.ts'
import { chunkMemory, type Memory, stepMemory } from './memory.ts'
import type { ChunkSizes } from './pace.ts'

/** How long things may take, in milliseconds, and how long a run waits for what passes by itself. */
export interface RunLimits extends TimeLimits {
  readonly patience: PatienceLimits
}

/** Workers of one process. */
export const defaultWorkers = 2

/** How long things may take, unless the configuration says otherwise. */
export const defaultLimits: RunLimits = {
  chunkStatementMs: 600_000,
  stepStatementMs: 6 * 3_600_000,
  lockMs: 30_000,
  idleMs: 60_000,
  silenceMs: defaultSilenceMs,
  patience: defaultPatience,
}

/** One of those that work on a run, in this process or another: they know each other by the ledger alone (I3). */
export interface Worker {
  readonly db: Database
  readonly runId: string
  readonly plan: Plan
  /** As the ledger and pg_stat_activity show it, e.g. `host.4711.2`. */
  readonly name: string
  readonly functions: RowFunctions
  readonly sizes: ChunkSizes
  readonly limits: RunLimits
  readonly memory: Memory
  readonly commits: CommitSettings
  /** Among the workers of its process, from 0. */
  readonly number: number
  readonly gate: Gate
}

/** When a transaction is confirmed. */
export interface CommitSettings {
  /** Chunks before they are on the disk. */
  readonly asyncChunks: boolean
  /** Whatever else, where nothing is said: the server's own setting. */
  readonly asyncServer: boolean
}

/** What came of a task. `taken`: another worker was first, or the run is asked to stop. */
export type TaskOutcome = 'done' | 'taken'

/** What a transaction of a worker is for. */
type Purpose = 'pick' | 'chunk' | 'step' | 'rebuild' | 'split' | 'set aside' | 'finish'

/** What every transaction of a worker sets, beside its name. */
export const workerSettings: Readonly<Record<string, string>> = {
  // Rows that evolve in place lie in tables that are blocked for everyone else.
  'drover.writing': 'on',
}

/**
 * What one worker prepares others wait for. The planner takes it to be dear to hand a row from one process to another, and
 * would rather look for duplicates among all rows alone.
 */
const manyHands = { parallel_setup_cost: '10', parallel_tuple_cost: '0.001' } as const

/** A transaction under the worker's name and limits. */
export function inTransaction<T>(worker: Worker, purpose: Purpose, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const { db, runId, limits } = worker
  const isLong = purpose === 'step' || purpose === 'rebuild' || purpose === 'finish'
  const settings = {
    application_name: applicationName(runId, worker.name),
    ...workerSettings,
    ...settingsOf(worker, purpose),
  }
  const options: TransactionOptions = {
    name: `run ${runId} ${purpose}`,
    statementTimeoutMs: isLong ? limits.stepStatementMs : limits.chunkStatementMs,
    lockTimeoutMs: limits.lockMs,
    idleTimeoutMs: limits.idleMs,
    settings,
  }
  return db.transaction(work, options)
}

/** What a transaction sets by its purpose. */
function settingsOf(worker: Worker, purpose: Purpose): Readonly<Record<string, string>> {
  const { memory, commits } = worker
  switch (purpose) {
    case 'pick':
      // What is only picked is not worth a wait for the disk: the chunk's own commit is.
      return { synchronous_commit: 'off' }
    case 'chunk':
      // I1: what a crash takes of a chunk, it takes whole, mark and rows. The chunk is open then, and is done again.
      return { ...chunkMemory(memory), ...(commits.asyncChunks ? { synchronous_commit: 'off' } : {}) }
    case 'step':
      return { ...settingsOf(worker, 'rebuild'), ...manyHands }
    case 'rebuild':
    case 'finish':
      // The log is one line: a commit that has reached the disk has taken there every chunk that it has seen.
      return { ...stepMemory(memory), ...(commits.asyncServer ? { synchronous_commit: 'on' } : {}) }
    default:
      return {}
  }
}

/** What pg_stat_activity shows of a worker. The server cuts it after 63 bytes. */
export function applicationName(runId: string, worker: string): string {
  return `drover run ${runId} ${worker}`
}

/** A mapping of the plan by its name, which the plan is known to hold. */
export function mappingOf({ plan }: Worker, name: string): MappingPlan {
  return plan.mappings.find((mapping) => mapping.name === name)!
}

/** Names for the workers of one process: where it runs, which it is, and a number. */
export function workerNames(host: string, pid: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => workerName(host, pid, i + 1))
}
