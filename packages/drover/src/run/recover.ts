import { reactionOf } from '../db/reaction.ts'
import { serverErrorOf } from '../db/server-error.ts'
import { endAttempt, type FailedAttempt, recordAttempt } from '../ledger/attempt.ts'
import { cutChunk, lockChunk, type OpenChunk } from '../ledger/chunk.ts'
import { setRowAside } from './set-aside.ts'
import { isSameRange, readCut } from './split.ts'
import { inTransaction, mappingOf, type Worker } from './worker.ts'

/**
 * Does what helps a chunk that failed: halves it, in the search for the rows that the database refuses down to the one
 * that is set aside. Each part is a chunk of its own, in transactions of its own: no savepoint ever holds a part of what
 * another one wrote. Resolves where something was done and the run can go on.
 *
 * @throws what was thrown, where nothing helps but to try again or to stop; `quarantine-limit` or `chunk-failed`.
 */
export async function recoverChunk(worker: Worker, chunk: OpenChunk, thrown: unknown): Promise<void> {
  switch (reactionOf(thrown)) {
    case 'retry':
      await noteEnd(worker, chunk, thrown, 'retried')
      throw thrown
    case 'halve':
      if ((await halve(worker, chunk, thrown)) === 'whole') throw thrown
      return
    case 'set aside':
      if ((await halve(worker, chunk, thrown)) === 'whole') await setRowAside(worker, chunk, thrown)
      return
    case 'stop':
      await noteEnd(worker, chunk, thrown, 'failed')
      throw thrown
    case 'reconnect':
      // Whether the chunk was to blame is not known: the attempt counts.
      throw thrown
  }
}

/** The attempt has ended: it is not one of those that nobody came back from. */
function noteEnd(worker: Worker, chunk: OpenChunk, thrown: unknown, outcome: 'retried' | 'failed'): Promise<void> {
  return inTransaction(worker, 'split', async (tx) => {
    if ((await lockChunk(tx, worker.runId, chunk)) === undefined) return
    await endAttempt(tx, worker.runId, chunk)
    await recordAttempt(tx, worker.runId, chunk, failed(worker, thrown, outcome))
  })
}

/** Cuts the chunk in two, unless someone else has it or changed it meanwhile; `whole` where it cannot be cut. */
function halve(worker: Worker, chunk: OpenChunk, thrown: unknown): Promise<'cut' | 'whole'> {
  return inTransaction(worker, 'split', async (tx) => {
    const { runId } = worker
    const locked = await lockChunk(tx, runId, chunk)
    if (locked === undefined || !isSameRange(locked, chunk)) return 'cut'
    const { middle, ...rows } = await readCut(tx, mappingOf(worker, chunk.mapping), locked, null)
    if (middle === null) {
      await endAttempt(tx, runId, chunk)
      return 'whole'
    }
    await cutChunk(tx, runId, locked, { ...rows, middle, splits: locked.splits + 1 })
    await recordAttempt(tx, runId, chunk, failed(worker, thrown, 'split'))
    return 'cut'
  })
}

function failed(worker: Worker, thrown: unknown, outcome: FailedAttempt['outcome']): FailedAttempt {
  return { worker: worker.name, sqlstate: serverErrorOf(thrown)?.sqlstate ?? null, outcome }
}
