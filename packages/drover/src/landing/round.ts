import { retrying } from '../db/retry.ts'
import { findLanding, moveToGeneration } from '../ledger/landing.ts'
import type { LandingChunk } from '../ledger/landing-chunk.ts'
import { landChunks, requireNewest } from './chunk.ts'
import { chunksTogether } from './cut.ts'
import type { Ends } from './ends.ts'
import { finishTable } from './finish.ts'
import { forget } from './forget.ts'
import { makeTable } from './make.ts'
import { bytesOf } from './parts.ts'
import type { OnLandingEvent } from './progress.ts'
import { type Comparison, type Proof, proveSource, provesSame, proveTarget, requireSame } from './proof.ts'
import { snapshotLost } from './snapshot.ts'
import { carryOutTasks, type Tasks } from './tasks.ts'
import type { TableWork } from './work.ts'

/** How one round of copies and comparisons is carried out. */
export interface RoundOptions {
  /** Tasks that are carried out at the same time. */
  readonly workers: number
  readonly comparison: Comparison
  readonly frozen: boolean
  readonly chunkBytes: number
  readonly signal: AbortSignal
  readonly onEvent: OnLandingEvent
}

/**
 * Lands tables under one snapshot: `done`, or `lost` with the snapshot, or `stopped` by the signal. Each table goes through
 * its chunks, then both sides are proven to hold the same, then it gets its keys; the tables do so side by side.
 */
export async function carryOutRound(
  ends: Ends,
  works: readonly TableWork[],
  options: RoundOptions,
): Promise<'done' | 'lost' | 'stopped'> {
  const { workers, signal } = options
  let isLost = false
  const tasks: Tasks = []
  /** The task's result, or nothing where the snapshot is gone: then no other task is begun. */
  const held = async <T>(result: Promise<T | typeof snapshotLost>): Promise<T | undefined> => {
    const value = await result
    if (value !== snapshotLost) return value
    isLost = true
    return undefined
  }
  const round = { ends, options, tasks, held }
  // What takes longest is begun first.
  const ordered = works.toSorted((a, b) => bytesOf(b.parts) - bytesOf(a.parts))
  for (const work of ordered.filter(({ known }) => known !== null)) tasks.push(() => compareAgain(round, work))
  for (const work of ordered.filter(({ known }) => known === null)) landTable(round, work, undefined)
  await carryOutTasks(tasks, workers, () => isLost || signal.aborted)
  if (isLost) return 'lost'
  return signal.aborted ? 'stopped' : 'done'
}

interface Round {
  readonly ends: Ends
  readonly options: RoundOptions
  readonly tasks: Tasks
  readonly held: <T>(result: Promise<T | typeof snapshotLost>) => Promise<T | undefined>
}

/** Adds what there is to do for a table. `there`: what the source shows of it, where that is known. */
function landTable({ ends, options, tasks, held }: Round, work: TableWork, there: Proof | undefined): void {
  const { table, chunks } = work
  const { comparison, onEvent } = options
  let source = there
  let target: Proof | undefined
  const finishWhenProven = async () => {
    if (source === undefined || target === undefined) return
    requireSame(table, source, target, options.frozen)
    await finishTable(ends, work, source, target)
    onEvent({ kind: 'landed', table: table.target, rows: target.rows, proof: target.digest })
  }
  const proveHere = async () => {
    target = await proveTarget(ends, table, comparison)
    await finishWhenProven()
  }
  const proveThere = async () => {
    source = await held(proveSource(ends, table, comparison))
    await finishWhenProven()
  }
  const open = chunks.filter((chunk) => !chunk.isDone)
  // What goes over under one snapshot is counted by both servers as it goes.
  const isCounted = comparison === 'count' && open.length === chunks.length
  const isDone = new Set(chunks.filter((chunk) => chunk.isDone))
  let rows = [...isDone].reduce((sum, chunk) => sum + Number(chunk.rows), 0)
  const land = async (together: readonly [LandingChunk, ...LandingChunk[]]) => {
    const landed = await held(landChunks(ends, table, together))
    if (landed === undefined) return
    for (const [i, chunk] of together.entries()) {
      isDone.add(chunk)
      rows += landed[i]!
      onEvent({ kind: 'chunk', table: table.target, rows, chunks: chunks.length, chunksDone: isDone.size })
    }
    if (isDone.size < chunks.length) return
    if (isCounted) source = target = { rows: String(rows), digest: null }
    tasks.unshift(isCounted ? finishWhenProven : proveHere)
  }
  const groups = chunksTogether(open, work.parts, options.chunkBytes)
  tasks.push(...(open.length === 0 ? [proveHere] : groups.map((together) => () => land(together))))
  if (source === undefined && !isCounted) tasks.push(proveThere)
}

/** A table that has landed under an earlier snapshot: it stays where this one shows the same, else it lands again. */
async function compareAgain(round: Round, work: TableWork): Promise<void> {
  const { ends, options } = round
  const known = work.known!
  const there = await round.held(proveSource(ends, work.table, 'digest'))
  if (there === undefined) return
  if (provesSame(there, { rows: known.rows, digest: known })) {
    await retrying(
      () =>
        ends.target.transaction(
          async (tx) => {
            await requireNewest(tx, ends.generation)
            await moveToGeneration(tx, work.landing, ends.generation)
          },
          { name: `land ${work.landing} kept` },
        ),
      ends.limits,
    )
    options.onEvent({ kind: 'kept', table: work.table.target })
    return
  }
  const again = await retrying(
    () =>
      ends.target.transaction(
        async (tx) => {
          await requireNewest(tx, ends.generation)
          const landing = await findLanding(tx, work.table.target)
          if (landing !== undefined) await forget(tx, landing)
          return makeTable(tx, work, options.chunkBytes)
        },
        { name: `land ${work.landing} again` },
      ),
    ends.limits,
  )
  landTable(round, again, options.comparison === 'digest' ? there : undefined)
}
