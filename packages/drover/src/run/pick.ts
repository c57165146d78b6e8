import type { Queryable } from '../db/connection.ts'
import { DroverError } from '../error.ts'
import { beginAttempt, recordAttempt } from '../ledger/attempt.ts'
import { cutChunk, joinChunks, lockFollowing, lockNextChunk, type OpenChunk } from '../ledger/chunk.ts'
import { beginRebuild, claimRebuild, type DueRebuild } from '../ledger/rebuild.ts'
import { readRunState } from '../ledger/run.ts'
import { type ClaimedStep, claimStep, noteStepWorker } from '../ledger/step.ts'
import { readCut } from './split.ts'
import { inTransaction, mappingOf, type Worker } from './worker.ts'

/** What a worker is to do next. */
export type Task =
  | { readonly kind: 'step'; readonly step: ClaimedStep }
  | { readonly kind: 'rebuild'; readonly rebuild: DueRebuild }
  | { readonly kind: 'chunk'; readonly chunk: OpenChunk }

/** A chunk that was begun this often and never ended has something that ends workers. */
const mostAttempts = 3

/** How often such a chunk is halved before the run fails. */
const mostSplits = 3

/** Chunks that are joined at most: the locks that one worker takes ahead of the others. */
const mostJoined = 200

/**
 * Picks what is due, in a short transaction of its own: a step, what is to be made again, else a chunk of the size that the
 * pace asks for. The attempt is counted, so that it is known of even if the worker does not live to tell. Nothing is held by
 * it: whoever carries the chunk out locks it first.
 */
export function pickTask(worker: Worker): Promise<Task | 'nothing' | 'stopped'> {
  const { runId, name } = worker
  return inTransaction(worker, 'pick', async (tx) => {
    if ((await readRunState(tx, runId)) !== 'running') return 'stopped'
    const step = await claimStep(tx, runId)
    if (step !== undefined) {
      await noteStepWorker(tx, runId, step.mapping, name)
      return { kind: 'step', step }
    }
    const rebuild = await claimRebuild(tx, runId)
    if (rebuild !== undefined) {
      await beginRebuild(tx, runId, rebuild, name)
      return { kind: 'rebuild', rebuild }
    }
    const next = await lockNextChunk(tx, runId)
    if (next === undefined) return 'nothing'
    const chunk = next.attempts >= mostAttempts ? await halveLost(tx, worker, next) : await resize(tx, worker, next)
    await beginAttempt(tx, runId, chunk, name)
    return { kind: 'chunk', chunk }
  })
}

/** Joins a chunk with those after it, or cuts it, until it is about as large as the pace asks for. */
async function resize(tx: Queryable, worker: Worker, chunk: OpenChunk): Promise<OpenChunk> {
  const { runId } = worker
  const rows = worker.sizes.rowsFor(chunk.mapping, chunk.rowBytes)
  if (chunk.rows > 2 * rows) {
    const cut = await readCut(tx, mappingOf(worker, chunk.mapping), chunk, rows)
    return cut.middle === null
      ? chunk
      : cutChunk(tx, runId, chunk, { ...cut, middle: cut.middle, splits: chunk.splits })
  }
  if (chunk.attempts > 0 || chunk.splits > 0 || chunk.rows >= rows) return chunk
  const limit = Math.min(mostJoined, Math.floor(rows / Math.max(1, chunk.rows)) - 1)
  const following = limit < 1 ? [] : await lockFollowing(tx, runId, chunk, limit)
  return joinChunks(tx, runId, sideBySide([chunk, ...following], rows))
}

/** As many of the chunks, from the first on, as lie side by side and hold no more than `rows` together. */
function sideBySide(chunks: readonly OpenChunk[], rows: number): readonly OpenChunk[] {
  let sum = 0
  const end = chunks.findIndex((chunk, i) => {
    sum += chunk.rows
    const before = chunks[i - 1]
    return before !== undefined && (sum > rows || !isSameBound(before.upper, chunk.lower))
  })
  return end === -1 ? chunks : chunks.slice(0, end)
}

function isSameBound(a: OpenChunk['upper'], b: OpenChunk['lower']): boolean {
  return a !== null && b !== null && a.length === b.length && a.every((value, i) => value === b[i])
}

/**
 * Halves a chunk that nobody came back from.
 *
 * @throws DroverError `chunk-failed` where that was done several times already, or cannot be done.
 */
async function halveLost(tx: Queryable, worker: Worker, chunk: OpenChunk): Promise<OpenChunk> {
  const { middle, ...rows } = await readCut(tx, mappingOf(worker, chunk.mapping), chunk, null)
  if (middle === null || chunk.splits >= mostSplits) {
    throw new DroverError(
      'chunk-failed',
      `Chunk ${chunk.number} of mapping ${chunk.mapping} ends those who begin it.`,
      {
        where: whereOf(chunk),
        why: `it was begun ${chunk.attempts} times, and each time the worker or its connection was gone before the end`,
        remedy: "See the server's log and the worker's machine for what ended them, mend it, then resume.",
      },
    )
  }
  await recordAttempt(tx, worker.runId, chunk, { worker: worker.name, sqlstate: null, outcome: 'split' })
  return cutChunk(tx, worker.runId, chunk, { ...rows, middle, splits: chunk.splits + 1 })
}

/** The mapping, the chunk and its range, for messages: keys, never values (I8). */
export function whereOf({ mapping, number, lower, upper }: OpenChunk): string {
  const range = `keys from ${lower?.join(', ') ?? 'the first'} up to ${upper?.join(', ') ?? 'the last'}`
  return `mapping ${mapping}, chunk ${number}, ${range}`
}
