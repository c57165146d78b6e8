import type { Queryable } from '../db/connection.ts'
import type { OpenChunk } from '../ledger/chunk.ts'
import { inPartitions } from '../plan/partitions.ts'
import type { MappingPlan } from '../plan/plan.ts'

/** Where a range can be cut, and how many rows lie on either side. */
export interface ReadCut {
  /** Null where the range cannot be cut: one row, or none, or rows that nothing tells apart. */
  readonly middle: readonly string[] | null
  readonly rowsBelow: number
  readonly rowsAbove: number
}

/** Looks for the place at which to cut a chunk: after `rows` rows, or in the middle where that is null. */
export async function readCut(
  tx: Queryable,
  mapping: MappingPlan,
  chunk: OpenChunk,
  rows: number | null,
): Promise<ReadCut> {
  const [found] = await tx.query(inPartitions(mapping, mapping.statements.splitChunk, [chunk.lower, chunk.upper]), [
    chunk.lower,
    chunk.upper,
    rows,
  ])
  const total = Number(found?.rows)
  const middle = found?.middle as readonly string[] | null
  const rowsBelow = middle === null ? total : Math.min(rows ?? Math.floor(total / 2), total)
  return { middle, rowsBelow, rowsAbove: total - rowsBelow }
}

/** Whether a chunk still has the range that it had. */
export function isSameRange(a: OpenChunk, b: OpenChunk): boolean {
  return JSON.stringify([a.lower, a.upper]) === JSON.stringify([b.lower, b.upper])
}
