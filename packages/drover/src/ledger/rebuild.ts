import type { Queryable } from '../db/connection.ts'
import type { RebuildKind } from '../plan/rebuild-plan.ts'

/** Something that is made after the load: what a run took off, the key of a crosswalk, or the statistics of a target. */
export interface RebuildName {
  /** The table, as `schema` and `table`. */
  readonly schema: string
  readonly table: string
  readonly name: string
  /** Of a `crosswalk` and of `statistics` the name is that of the mapping. */
  readonly kind: RebuildKind | 'crosswalk' | 'statistics'
}

/** An object that is made again after the load, or stays, as a run notes it when it starts. */
export interface NewRebuild extends RebuildName {
  readonly state: 'kept' | 'off'
  readonly why: string | null
  readonly loadedAfter: readonly string[]
  readonly closedAfter: readonly string[]
}

/** One that can be gone on with now. */
export interface DueRebuild extends RebuildName {
  readonly position: number
  /** `off`: not there · `built`: made, but for the part that names or proves it. */
  readonly state: 'off' | 'built'
}

/** Notes what is made again after the load, in this order. */
export async function writeRebuilds(tx: Queryable, runId: string, all: readonly NewRebuild[]): Promise<void> {
  const rows = all.map((each, i) => ({ ...each, position: i + 1 }))
  await tx.query(
    `insert into drover.rebuild (run_id, position, table_schema, table_name, object_name, kind, state, why, loaded_after, closed_after)
select $1, position, schema, "table", name, kind, state, why,
  array(select jsonb_array_elements_text("loadedAfter")), array(select jsonb_array_elements_text("closedAfter"))
from jsonb_to_recordset($2) as given (
  position integer, schema text, "table" text, name text, kind text, state text, why text, "loadedAfter" jsonb, "closedAfter" jsonb
)`,
    [runId, JSON.stringify(rows)],
  )
}

const columns = 'position, table_schema as schema, table_name as "table", object_name as name, kind, state'

/**
 * What can be done: an index as soon as the rows are in, its constraint when no other index of the table is being made,
 * foreign keys at the very end and of each table one at a time: what proves one locks the others out.
 */
const isDue = `
  rebuild.state in ('off', 'built')
  and not exists (
    select from drover.step
    where step.run_id = rebuild.run_id and (
      step.mapping = any (rebuild.closed_after) and step.state <> 'done'
      or step.mapping = any (rebuild.loaded_after) and (
        step.state = 'waiting'
        or exists (
          select from drover.chunk
          where chunk.run_id = step.run_id and chunk.mapping = step.mapping and chunk.state = 'open'
        )
      )
    )
  )
  and case
    when rebuild.kind = 'foreign key' then not exists (
      select from drover.step
      where step.run_id = rebuild.run_id and step.state <> 'done'
    ) and not exists (
      select from drover.rebuild as other
      where other.run_id = rebuild.run_id and other.state in ('off', 'built') and (
        other.kind <> 'foreign key'
        or rebuild.state = 'off' and other.state = 'off' and other.position < rebuild.position
        or rebuild.state = 'built' and (
          other.state = 'off'
          or other.table_schema = rebuild.table_schema and other.table_name = rebuild.table_name
            and other.position < rebuild.position
        )
      )
    )
    when rebuild.state = 'built' then not exists (
      select from drover.rebuild as other
      where other.run_id = rebuild.run_id and other.state = 'off' and other.kind <> 'foreign key'
        and other.table_schema = rebuild.table_schema and other.table_name = rebuild.table_name
    )
    else true
  end`

/** Locks the first that is due and that nobody is at. */
export async function claimRebuild(tx: Queryable, runId: string): Promise<DueRebuild | undefined> {
  const [row] = await tx.query(
    `select ${columns}
from drover.rebuild
where run_id = $1 and ${isDue}
order by position
limit 1
for update of rebuild skip locked`,
    [runId],
  )
  return row as DueRebuild | undefined
}

/** Locks one that was due, where it still is and nobody else has it. What is read under the lock counts. */
export async function lockRebuild(tx: Queryable, runId: string, { position, state }: DueRebuild): Promise<boolean> {
  const locked = await tx.query(
    `select from drover.rebuild where run_id = $1 and position = $2 and state = $3 for update skip locked`,
    [runId, position, state],
  )
  if (locked.length === 0) return false
  const due = await tx.query(`select from drover.rebuild where run_id = $1 and position = $2 and ${isDue}`, [
    runId,
    position,
  ])
  return due.length > 0
}

/** Notes who is about to go on with it. */
export async function beginRebuild(
  tx: Queryable,
  runId: string,
  { position }: DueRebuild,
  worker: string,
): Promise<void> {
  await tx.query(
    'update drover.rebuild set worker = $3, started_at = clock_timestamp() where run_id = $1 and position = $2',
    [runId, position, worker],
  )
}

/**
 * Notes what became of it, in the transaction that did it. `isMeasured`: whether this server knows how large an index
 * of it is.
 */
export async function endRebuild(
  tx: Queryable,
  runId: string,
  { position }: DueRebuild,
  { state, isMeasured }: { readonly state: 'built' | 'done'; readonly isMeasured: boolean },
): Promise<void> {
  await tx.query(
    `update drover.rebuild
set state = $3, worker = case $3 when 'done' then worker end, finished_at = clock_timestamp(),
  seconds = seconds + extract(epoch from clock_timestamp() - now()),
  bytes = case when $4::boolean and kind not in ('crosswalk', 'statistics', 'foreign key')
    then pg_relation_size(to_regclass(format('%I.%I', table_schema, object_name))) end
where run_id = $1 and position = $2`,
    [runId, position, state, isMeasured],
  )
}

/** How far a run is with what it has taken off its targets. */
export interface RebuildTally {
  /** Indexes and constraints that are as they were. */
  readonly done: number
  readonly all: number
}

/** How many of the objects that were taken off are made again. */
export async function readRebuildTally(tx: Queryable, runId: string): Promise<RebuildTally> {
  const [row] = await tx.query(
    `select count(*) filter (where state = 'done')::integer as done, count(*)::integer as "all"
from drover.rebuild
where run_id = $1 and state <> 'kept' and kind not in ('crosswalk', 'statistics')`,
    [runId],
  )
  return row as unknown as RebuildTally
}

/** How many are not done. */
export async function countOpenRebuilds(tx: Queryable, runId: string): Promise<number> {
  const [row] = await tx.query(
    `select count(*)::integer as n from drover.rebuild where run_id = $1 and state in ('off', 'built')`,
    [runId],
  )
  return row?.n as number
}
