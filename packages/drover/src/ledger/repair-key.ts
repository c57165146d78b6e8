import type { Queryable } from '../db/connection.ts'
import type { Purpose } from '../plan/repair-keys.ts'

/** How many rows of a mapping a repair names for a purpose and has not dealt with, an int8. */
export async function countNamed(tx: Queryable, runId: string, mapping: string, purpose: Purpose): Promise<bigint> {
  const [row] = await tx.query(
    `select count(*) as n from drover.repair_key where run_id = $1 and mapping = $2 and purpose = $3 and not done`,
    [runId, mapping, purpose],
  )
  return BigInt(row?.n as string)
}

/** The source keys of these rows, in order. */
export async function readNamed(
  tx: Queryable,
  runId: string,
  mapping: string,
  purpose: Purpose,
): Promise<readonly string[]> {
  const rows = await tx.query(
    `select source_key from drover.repair_key
where run_id = $1 and mapping = $2 and purpose = $3 and not done
order by source_key`,
    [runId, mapping, purpose],
  )
  return rows.map((row) => row.source_key as string)
}

/** Names one row. */
export async function nameRow(
  tx: Queryable,
  runId: string,
  row: { readonly mapping: string; readonly key: string; readonly purpose: Purpose },
): Promise<void> {
  await tx.query(
    `insert into drover.repair_key (run_id, mapping, source_key, purpose) values ($1, $2, $3, $4) on conflict do nothing`,
    [runId, row.mapping, row.key, row.purpose],
  )
}

/** Says of rows that are named for a purpose, or of some of them, whether they are dealt with. */
export async function markNamed(
  tx: Queryable,
  runId: string,
  mapping: string,
  purpose: Purpose,
  { done, keys }: { readonly done: boolean; readonly keys?: readonly string[] },
): Promise<void> {
  await tx.query(
    `update drover.repair_key set done = $4
where run_id = $1 and mapping = $2 and purpose = $3 and ($5::text[] is null or source_key = any ($5))`,
    [runId, mapping, purpose, done, keys ?? null],
  )
}

/** Forgets rows that were named for a purpose: they may be named again. */
export async function forgetNamed(tx: Queryable, runId: string, mapping: string, purpose: Purpose): Promise<void> {
  await tx.query('delete from drover.repair_key where run_id = $1 and mapping = $2 and purpose = $3', [
    runId,
    mapping,
    purpose,
  ])
}

/** The last act of a repair, and its first, in case something was left. */
export async function clearNamed(tx: Queryable, runId: string): Promise<void> {
  await tx.query('delete from drover.repair_key where run_id = $1', [runId])
}

/**
 * Names what hangs together with rows by their merges: those merged into a row that changes are tried, and the groups that
 * rows which are tried have left are told apart again.
 */
export async function nameMerged(tx: Queryable, runId: string, mapping: string): Promise<void> {
  await tx.query(
    `insert into drover.repair_key (run_id, mapping, source_key, purpose)
select merge.run_id, merge.mapping, merge.source_key, 'try'
from drover.merge
join drover.repair_key as named on named.run_id = merge.run_id and named.mapping = merge.mapping
  and named.source_key = merge.survivor_key and named.purpose = 'change' and not named.done
where merge.run_id = $1 and merge.mapping = $2
on conflict do nothing`,
    [runId, mapping],
  )
  await tx.query(
    `insert into drover.repair_key (run_id, mapping, source_key, purpose)
select distinct merge.run_id, merge.mapping, merge.survivor_key, 'group'
from drover.merge
join drover.repair_key as named on named.run_id = merge.run_id and named.mapping = merge.mapping
  and named.source_key = merge.source_key and named.purpose = 'try' and not named.done
where merge.run_id = $1 and merge.mapping = $2
on conflict do nothing`,
    [runId, mapping],
  )
}

/** Names the survivors of rows that were tried, before and after: what is collected from their duplicates may differ. */
export async function nameSurvivors(tx: Queryable, runId: string, mapping: string): Promise<void> {
  await tx.query(
    `insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1, $2, source_key, 'change'
from (
  select source_key from drover.repair_key where run_id = $1 and mapping = $2 and purpose = 'group'
  union
  select merge.survivor_key
  from drover.merge
  join drover.repair_key as named on named.run_id = merge.run_id and named.mapping = merge.mapping
    and named.source_key = merge.source_key and named.purpose = 'try'
  where merge.run_id = $1 and merge.mapping = $2
) as survivor
on conflict do nothing`,
    [runId, mapping],
  )
}

/** Names the rows that were tried, to be changed: a reference that closes a circle is filled after the load. */
export async function nameTried(tx: Queryable, runId: string, mapping: string): Promise<void> {
  await tx.query(
    `insert into drover.repair_key (run_id, mapping, source_key, purpose)
select run_id, mapping, source_key, 'change'
from drover.repair_key
where run_id = $1 and mapping = $2 and purpose = 'try'
on conflict do nothing`,
    [runId, mapping],
  )
}

/** Whether anything of the source was fixed for a migration. */
export async function hasFixes(tx: Queryable, migration: string): Promise<boolean> {
  const rows = await tx.query('select from drover.overlay where migration = $1 limit 1', [migration])
  return rows.length > 0
}
