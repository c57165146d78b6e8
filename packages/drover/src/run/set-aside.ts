import type { Queryable } from '../db/connection.ts'
import { reactionOf } from '../db/reaction.ts'
import { describeServerError, type ServerError, serverErrorOf } from '../db/server-error.ts'
import { DroverError } from '../error.ts'
import { recordAttempt } from '../ledger/attempt.ts'
import { holdMapping, lockChunk, type OpenChunk } from '../ledger/chunk.ts'
import { readRefused } from '../ledger/refused.ts'
import { holdRun, readSettings } from '../ledger/run.ts'
import { inPartitions } from '../plan/partitions.ts'
import { whereOf } from './pick.ts'
import { isOverLimit, quarantineLimitError } from './quarantine-limit.ts'
import { isSameRange, readCut } from './split.ts'
import { inTransaction, mappingOf, type Worker } from './worker.ts'

/** Where this many rows are refused and none was ever taken, it is not the rows. */
const sampleRows = 10

/**
 * Quarantines the one row of a chunk that the database refuses. Kept are the SQLSTATE, what the server names besides
 * (constraint, table, column), and the original row; never a message, which quotes values (I8).
 *
 * @throws DroverError `quarantine-limit` where a mapping has more of them than the run allows, `chunk-failed` where every
 * row of a sample is refused, or where the row cannot be told from others.
 */
export async function setRowAside(worker: Worker, chunk: OpenChunk, thrown: unknown): Promise<void> {
  try {
    await quarantine(worker, chunk, thrown, true)
  } catch (second) {
    if (reactionOf(second) !== 'set aside') throw second
    // It is `where` that fails: a row that nothing excludes is set aside.
    await quarantine(worker, chunk, thrown, false)
  }
}

async function quarantine(worker: Worker, chunk: OpenChunk, thrown: unknown, asksWhere: boolean): Promise<void> {
  const { runId, name } = worker
  const mapping = mappingOf(worker, chunk.mapping)
  const server = serverErrorOf(thrown)!
  await inTransaction(worker, 'set aside', async (tx) => {
    if ((await holdRun(tx, runId)) !== 'running') return
    // One at a time: the limit is counted.
    await holdMapping(tx, runId, chunk.mapping)
    const locked = await lockChunk(tx, runId, chunk)
    if (locked === undefined || !isSameRange(locked, chunk)) return
    const { middle, rowsBelow } = await readCut(tx, mapping, locked, null)
    // What fails without a row is no row's fault.
    if (rowsBelow === 0) throw thrown
    if (middle !== null || rowsBelow > 1) throw indivisible(chunk, server, thrown)
    await requireFew(tx, worker, chunk, server, thrown)
    const code = `error-${server.sqlstate}`
    const { sqlstate, constraint, table, column } = server
    const reasons = [{ code, column: column ?? null, table, constraint }]
    await tx.query(inPartitions(mapping, mapping.statements.setAside, [chunk.lower, chunk.upper]), [
      runId,
      chunk.number,
      chunk.lower,
      chunk.upper,
      code,
      JSON.stringify(reasons),
      sqlstate,
      asksWhere,
    ])
    await recordAttempt(tx, runId, chunk, { worker: name, sqlstate, outcome: 'set aside' })
  })
}

async function requireFew(
  tx: Queryable,
  { runId }: Worker,
  chunk: OpenChunk,
  server: ServerError,
  cause: unknown,
): Promise<void> {
  const refused = await readRefused(tx, runId, chunk.mapping)
  const { maxQuarantined } = await readSettings(tx, runId)
  const why = describeServerError(server)
  if (refused.rows + 1 >= sampleRows && refused.taken === 0) {
    throw new DroverError('chunk-failed', `The database refuses every row of mapping ${chunk.mapping}.`, {
      where: whereOf(chunk),
      why: `${why}; the first ${sampleRows} rows were tried one by one`,
      remedy: 'Mend the mapping or the target.',
      cause,
    })
  }
  if (!isOverLimit(refused.rows + 1, maxQuarantined, refused)) return
  throw quarantineLimitError(chunk.mapping, maxQuarantined, {
    where: whereOf(chunk),
    why: `${why}; ${refused.rows} rows are set aside already`,
    cause,
  })
}

function indivisible(chunk: OpenChunk, server: ServerError, cause: unknown): DroverError {
  return new DroverError('chunk-failed', `The row that the database refuses cannot be told from others.`, {
    where: whereOf(chunk),
    why: `${describeServerError(server)}; the key occurs more than once, or is made of columns of a joined relation`,
    remedy: 'Give the mapping a key that is unique in its driving relation.',
    cause,
  })
}
