import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Queryable } from '../db/connection.ts'
import { patience } from '../db/patience.ts'
import { reactionOf } from '../db/reaction.ts'
import { asDroverError } from '../db/server-error.ts'
import type { TriggerMode } from '../ledger/rollback.ts'
import { countOpenChunks, lockRollbackChunk, markUndone, type RollbackChunk } from '../ledger/rollback-chunk.ts'
import { holdRun } from '../ledger/run.ts'
import { recordTransaction } from '../ledger/transaction.ts'
import { applicationName, type RunLimits, workerSettings } from '../run/worker.ts'
import { undo } from './chunk.ts'
import type { Way } from './way.ts'

/** One of those who take chunks back. */
export interface Undoer {
  readonly db: Database
  readonly way: Way
  readonly triggers: TriggerMode
  readonly limits: RunLimits
  /** As the ledger and pg_stat_activity show it. */
  readonly name: string
  /** Told after each chunk. */
  readonly onChunk: () => void
}

/** How long one waits whose chunks wait for those of others, in milliseconds. */
const idleMs = 40

/**
 * Takes chunks back until none is left, or `signal` aborts. Any number of workers may do so at once, in any number of
 * processes; each chunk is locked and taken back in one transaction (I1, I3).
 *
 * @throws DroverError `rollback-conflicts`, `rollback-refused` or what else no new attempt would mend.
 */
export async function takeBack(undoer: Undoer, signal: AbortSignal): Promise<void> {
  const patient = patience(undoer.limits.patience)
  while (!signal.aborted) {
    let last: RollbackChunk | undefined
    try {
      const outcome = await attempt(undoer, (chunk) => {
        last = chunk
      })
      if (outcome === 'finished') return
      if (outcome === 'waiting') await pause(idleMs, signal)
      patient.afterSuccess()
    } catch (thrown) {
      const reaction = reactionOf(thrown)
      const passes = reaction === 'retry' || reaction === 'reconnect'
      const pauseMs = passes ? patient.afterFailure(reaction, performance.now()) : undefined
      if (pauseMs === undefined) {
        const where = last === undefined ? undefined : `mapping ${last.mapping}, ${last.kind} ${last.number}`
        const what = 'The database refuses what the rollback would write; nothing of this chunk was changed.'
        throw asDroverError(thrown, 'rollback-refused', what, where)
      }
      await pause(pauseMs, signal)
    }
  }
}

/** `waiting`: what is left waits for chunks of others. */
type Attempted = 'undone' | 'waiting' | 'finished'

function attempt(undoer: Undoer, onPick: (chunk: RollbackChunk) => void): Promise<Attempted> {
  const { way, name, triggers, onChunk } = undoer
  return inTransaction(undoer, 'chunk', async (tx): Promise<Attempted> => {
    if ((await holdRun(tx, way.runId)) !== 'rolling_back') return 'finished'
    const chunk = await lockRollbackChunk(tx, way.runId)
    if (chunk === undefined) return (await countOpenChunks(tx, way.runId)) === 0 ? 'finished' : 'waiting'
    onPick(chunk)
    await recordTransaction(tx, way.runId)
    const counts = await undo(tx, way, chunk, triggers)
    await markUndone(tx, way.runId, chunk, name, counts)
    return 'undone'
  }).then((outcome) => {
    if (outcome === 'undone') onChunk()
    return outcome
  })
}

/**
 * A transaction of a rollback under its worker's name: rows may be written that the run blocks for others, triggers do
 * not fire.
 */
export function inTransaction<T>(
  {
    db,
    way,
    name,
    limits,
    triggers,
  }: Pick<Undoer, 'db' | 'name' | 'limits' | 'triggers'> & { readonly way: Pick<Way, 'runId'> },
  purpose: 'chunk' | 'discard' | 'restore' | 'finish',
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  return db.transaction(work, {
    name: `run ${way.runId} rollback ${purpose}`,
    statementTimeoutMs: purpose === 'chunk' ? limits.chunkStatementMs : limits.stepStatementMs,
    lockTimeoutMs: limits.lockMs,
    idleTimeoutMs: limits.idleMs,
    settings: {
      application_name: applicationName(way.runId, name),
      ...workerSettings,
      ...(triggers === 'replica role' ? { session_replication_role: 'replica' } : {}),
    },
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => {})
}
