import type { Queryable } from '../db/connection.ts'
import type { StepState } from './step.ts'

/** What became of the rows of one mapping so far. Counts are int8, as bigint. */
export interface Tally {
  readonly mapping: string
  readonly state: StepState
  /** Rows of the source when the mapping was prepared, or closed; null before. */
  readonly sourceRows: bigint | null
  /** Rows of the source when the mapping was prepared; null before, and of a run that an older drover began. */
  readonly sourceRowsBefore: bigint | null
  readonly read: bigint
  readonly loaded: bigint
  readonly merged: bigint
  readonly matched: bigint
  readonly quarantined: bigint
  readonly excluded: bigint
  readonly targetRowsBefore: bigint | null
  readonly targetRowsAfter: bigint | null
  readonly chunks: bigint
  readonly chunksDone: bigint
  readonly startedAt: string | null
  readonly finishedAt: string | null
}

/** The tally of every mapping of a run, in the plan's order. */
export async function readTallies(tx: Queryable, runId: string): Promise<readonly Tally[]> {
  const rows = await tx.query(
    `select step.mapping, step.state, step.source_rows, step.source_rows_before, step.target_rows_before, step.target_rows_after,
  step.started_at, step.finished_at,
  count(chunk.number) filter (where chunk.kind = 'range') as chunks,
  count(chunk.number) filter (where chunk.kind = 'range' and chunk.state = 'done') as chunks_done,
  coalesce(sum(chunk.read), 0) as read,
  coalesce(sum(chunk.loaded), 0) as loaded,
  coalesce(sum(chunk.merged), 0) as merged,
  coalesce(sum(chunk.matched), 0) as matched,
  coalesce(sum(chunk.quarantined), 0) as quarantined,
  coalesce(sum(chunk.excluded), 0) as excluded
from drover.step
left join drover.chunk on chunk.run_id = step.run_id and chunk.mapping = step.mapping
where step.run_id = $1
group by step.run_id, step.mapping
order by step.position`,
    [runId],
  )
  const count = (value: unknown) => BigInt(value as string)
  const countOrNull = (value: unknown) => (value === null ? null : count(value))
  return rows.map((row) => ({
    mapping: row.mapping as string,
    state: row.state as StepState,
    sourceRows: countOrNull(row.source_rows),
    sourceRowsBefore: countOrNull(row.source_rows_before),
    read: count(row.read),
    loaded: count(row.loaded),
    merged: count(row.merged),
    matched: count(row.matched),
    quarantined: count(row.quarantined),
    excluded: count(row.excluded),
    targetRowsBefore: countOrNull(row.target_rows_before),
    targetRowsAfter: countOrNull(row.target_rows_after),
    chunks: count(row.chunks),
    chunksDone: count(row.chunks_done),
    startedAt: row.started_at as string | null,
    finishedAt: row.finished_at as string | null,
  }))
}

/** I2: every source row has exactly one disposition. */
export function balances(tally: Tally): boolean {
  return (
    tally.sourceRows === tally.read &&
    tally.read === tally.loaded + tally.merged + tally.matched + tally.quarantined + tally.excluded
  )
}
