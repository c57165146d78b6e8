import type { Queryable } from '../db/connection.ts'

/** How far a mapping of a run is. */
export type StepState = 'waiting' | 'loading' | 'done'

/** A mapping that a worker has in its hands. */
export interface ClaimedStep {
  readonly mapping: string
  readonly state: 'waiting' | 'loading'
}

/**
 * Locks a mapping that can be prepared (everything it depends on is done) or closed (no chunk is open, and what must be
 * unique is proved): the one that is named, or the first. The row lock is the claim: it ends with the transaction,
 * however that ends.
 */
export async function claimStep(tx: Queryable, runId: string, named?: string): Promise<ClaimedStep | undefined> {
  const candidates = await tx.query(
    `select mapping
from drover.step
where run_id = $1 and ($2::text is null or mapping = $2) and (${isDue})
order by position
limit 1
for update of step skip locked`,
    [runId, named ?? null],
  )
  const mapping = candidates[0]?.mapping
  if (mapping === undefined) return undefined
  // The statement above judged chunks by a snapshot older than the lock: another worker may have prepared the mapping
  // in between. Only what is read under the lock counts.
  const rows = await tx.query(
    `select mapping, state from drover.step where run_id = $1 and mapping = $2 and (${isDue})`,
    [runId, mapping],
  )
  return rows[0] as ClaimedStep | undefined
}

const isDue = `
  state = 'waiting' and not exists (
    select from drover.step as other
    where other.run_id = step.run_id and other.mapping = any (step.depends_on) and other.state <> 'done'
  )
  or state = 'loading' and not exists (
    select from drover.chunk
    where chunk.run_id = step.run_id and chunk.mapping = step.mapping and chunk.state = 'open'
  ) and not exists (
    select from drover.rebuild
    where rebuild.run_id = step.run_id and step.mapping = any (rebuild.loaded_after)
      and rebuild.state = 'off' and rebuild.kind in ('crosswalk', 'statistics', 'primary key', 'unique')
  )`

/** Notes who prepares or closes a locked mapping. */
export async function noteStepWorker(tx: Queryable, runId: string, mapping: string, worker: string): Promise<void> {
  await tx.query('update drover.step set worker = $3 where run_id = $1 and mapping = $2', [runId, mapping, worker])
}

/** Marks a mapping as prepared, with what was counted before its load. Nobody has it any more: others may close it. */
export async function markLoading(
  tx: Queryable,
  runId: string,
  mapping: string,
  counts: { readonly sourceRows: string; readonly targetRows: string; readonly sourceBytes: string | null },
): Promise<void> {
  await tx.query(
    `update drover.step
set state = 'loading', source_rows = $3, source_rows_before = $3, target_rows_before = $4, source_bytes = $5,
  started_at = now(), worker = null
where run_id = $1 and mapping = $2`,
    [runId, mapping, counts.sourceRows, counts.targetRows, counts.sourceBytes],
  )
}

/** Marks a mapping as loaded and closed, with what was counted then. */
export async function markDone(
  tx: Queryable,
  runId: string,
  mapping: string,
  counts: { readonly sourceRows: string; readonly targetRows: string },
): Promise<void> {
  await tx.query(
    `update drover.step
set state = 'done', source_rows = $3, target_rows_after = $4, finished_at = clock_timestamp()
where run_id = $1 and mapping = $2`,
    [runId, mapping, counts.sourceRows, counts.targetRows],
  )
}

/** Notes the counts of a mapping after a repair. `sourceRows`: null where they stay. */
export async function noteCounts(
  tx: Queryable,
  runId: string,
  mapping: string,
  counts: { readonly sourceRows: string | null; readonly targetRows: string },
): Promise<void> {
  await tx.query(
    `update drover.step
set source_rows = coalesce($3::bigint, source_rows), source_rows_before = coalesce($3::bigint, source_rows_before),
  target_rows_after = $4
where run_id = $1 and mapping = $2`,
    [runId, mapping, counts.sourceRows, counts.targetRows],
  )
}

/** Notes a column that has one value for all rows: once for the mapping, not for each row. */
export async function noteConstants(
  tx: Queryable,
  runId: string,
  mapping: string,
  columns: readonly string[],
): Promise<void> {
  if (columns.length === 0) return
  await tx.query(
    `insert into drover.note (run_id, mapping, code, column_name)
select $1, $2, 'constant', column_name
from unnest($3::text[]) as column_name`,
    [runId, mapping, columns],
  )
}

/** The number that the next chunk of a mapping gets, an int8 as text. */
export async function nextChunkNumber(tx: Queryable, runId: string, mapping: string): Promise<string> {
  const [row] = await tx.query(
    `select coalesce(max(number), 0) + 1 as number from drover.chunk where run_id = $1 and mapping = $2`,
    [runId, mapping],
  )
  return row?.number as string
}

/** How many steps are not done. */
export async function countUnfinishedSteps(tx: Queryable, runId: string): Promise<number> {
  const [row] = await tx.query(`select count(*)::integer as n from drover.step where run_id = $1 and state <> 'done'`, [
    runId,
  ])
  return row?.n as number
}
