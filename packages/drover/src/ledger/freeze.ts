import type { Queryable } from '../db/connection.ts'
import type { FreezeMode, FrozenTable } from '../plan/plan.ts'
import type { QualifiedName } from '../sql/nodes.ts'

/** A source table as a run found it. */
export interface FrozenRecord {
  readonly schema: string
  readonly name: string
  readonly mode: FreezeMode
  /** The file that held the table then, and that holds it now; null where it has none, as a partitioned table. */
  readonly filenode: string | null
  readonly filenodeNow: string | null
  /** Before the first chunk and after the last; null where writes are blocked, and before the end. */
  readonly digestBefore: string | null
  readonly digestAfter: string | null
}

/** Notes how a table of the source is kept still, with its digest where there is one. */
export async function writeFrozenTable(
  tx: Queryable,
  runId: string,
  { schema, name }: FrozenTable,
  { mode, digest }: { readonly mode: FreezeMode; readonly digest: string | null },
): Promise<void> {
  await tx.query(
    `insert into drover.frozen_table (run_id, table_schema, table_name, mode, filenode, digest_before)
values ($1, $2, $3, $4, pg_relation_filenode(format('%I.%I', $2::text, $3::text)::regclass), $5)`,
    [runId, schema, name, mode, digest],
  )
}

/** `$1` run, `$2` schema, `$3` table, `$4` digest or null. */
export const digestAfterStatement = `update drover.frozen_table
set digest_after = $4, released_at = clock_timestamp()
where run_id = $1 and table_schema = $2 and table_name = $3`

/** Notes the digest of a frozen table at the end of the load. */
export async function writeDigestAfter(
  tx: Queryable,
  runId: string,
  { schema, name }: FrozenTable,
  digest: string | null,
): Promise<void> {
  await tx.query(digestAfterStatement, [runId, schema, name, digest])
}

/** Whether the run still keeps tables of its source as they are. */
export async function keepsSource(tx: Queryable, runId: string): Promise<boolean> {
  const rows = await tx.query('select from drover.frozen_table where run_id = $1 and released_at is null limit 1', [
    runId,
  ])
  return rows.length > 0
}

/** The frozen tables of a run, in order of their names. */
export async function readFrozenTables(tx: Queryable, runId: string): Promise<readonly FrozenRecord[]> {
  const rows = await tx.query(
    `select table_schema, table_name, mode, filenode::text as filenode, digest_before, digest_after,
  pg_relation_filenode(to_regclass(format('%I.%I', table_schema, table_name)))::text as filenode_now
from drover.frozen_table
where run_id = $1
order by table_schema, table_name`,
    [runId],
  )
  return rows.map((row) => ({
    schema: row.table_schema as string,
    name: row.table_name as string,
    mode: row.mode as FreezeMode,
    filenode: row.filenode as string | null,
    filenodeNow: row.filenode_now as string | null,
    digestBefore: row.digest_before as string | null,
    digestAfter: row.digest_after as string | null,
  }))
}

/** What has happened to a partition since the run began. */
export interface PartitionChange {
  /** As SQL writes it. */
  readonly table: string
  readonly change: 'attached' | 'detached' | 'rewritten'
}

/** Partitions that are named at most. */
const namedChanges = 5

/**
 * How the partitions of a table, those of its partitions among them, differ from those that a plan names. Whether they were
 * rewritten is asked of those that a run has blocked.
 */
export async function readPartitionChanges(
  tx: Queryable,
  runId: string,
  table: QualifiedName,
  partitions: readonly QualifiedName[],
): Promise<readonly PartitionChange[]> {
  // Read from the catalog: a function that walks the tree would lock every partition.
  const rows = await tx.query(
    `with recursive part (oid) as (
  select to_regclass(format('%I.%I', $2::text, $3::text))::oid
  union all
  select i.inhrelid from part join pg_inherits as i on i.inhparent = part.oid and not i.inhdetachpending
), now as (
  select n.nspname::text as table_schema, c.relname::text as table_name, c.relfilenode
  from part
  join pg_class as c on c.oid = part.oid
  join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind <> 'p'
), planned as (
  select given.table_schema, given.table_name, frozen_table.filenode
  from unnest($4::text[], $5::text[]) as given (table_schema, table_name)
  left join drover.frozen_table on frozen_table.run_id = $1 and frozen_table.mode = 'block'
    and frozen_table.table_schema = given.table_schema and frozen_table.table_name = given.table_name
)
select format('%I.%I', table_schema, table_name) as table,
  case
    when planned.table_name is null then 'attached'
    when now.table_name is null then 'detached'
    else 'rewritten'
  end as change
from planned
full join now using (table_schema, table_name)
where planned.table_name is null or now.table_name is null or planned.filenode <> now.relfilenode
order by 1
limit $6`,
    [
      runId,
      table.schema,
      table.name,
      partitions.map(({ schema }) => schema),
      partitions.map(({ name }) => name),
      namedChanges,
    ],
  )
  return rows as unknown as readonly PartitionChange[]
}
