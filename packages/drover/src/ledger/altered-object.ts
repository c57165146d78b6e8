import type { Queryable } from '../db/connection.ts'

/** Something structural that a run or a rollback alters, and the statement that makes it as it was. */
export interface AlteredObject {
  readonly kind: 'trigger' | 'index' | 'constraint'
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly change: 'created' | 'disabled' | 'dropped'
  /** Does nothing where the object is as it was. */
  readonly restore: string
}

/** An object that is yet to be restored. */
export interface OpenObject extends AlteredObject {
  /** An int8, as text. */
  readonly id: string
}

/** What is asked and written about them. `$1` run, but for `markRestored`. */
export const alteredStatements = {
  /** `$2` kind, `$3` schema, `$4` table, `$5` name, `$6` change, `$7` restore. */
  record: `insert into drover.altered_object (run_id, kind, table_schema, table_name, object_name, change, restore)
values ($1, $2, $3, $4, $5, $6, $7)`,
  /** Returns {@link OpenObject}s, the last one first. */
  read: `select id, kind, table_schema as schema, table_name as "table", object_name as name, change, restore
from drover.altered_object
where run_id = $1 and restored_at is null
order by id desc`,
  /** `$1` id. */
  markRestored: 'update drover.altered_object set restored_at = clock_timestamp() where id = $1',
  /** `$2` schema, `$3` table, `$4` name. */
  noteRestored: `update drover.altered_object
set restored_at = clock_timestamp()
where run_id = $1 and table_schema = $2 and table_name = $3 and object_name = $4 and restored_at is null`,
} as const

/** Notes what is about to be altered, in the transaction that alters it or one before. */
export async function recordAltered(tx: Queryable, runId: string, object: AlteredObject): Promise<void> {
  const { kind, schema, table, name, change, restore } = object
  await tx.query(alteredStatements.record, [runId, kind, schema, table, name, change, restore])
}

/** What is not restored yet, the last one first. */
export async function readAltered(tx: Queryable, runId: string): Promise<readonly OpenObject[]> {
  const rows = await tx.query(alteredStatements.read, [runId])
  return rows as unknown as readonly OpenObject[]
}

/** Indexes and constraints that a run has taken off a table and not made again. */
export interface OffObjects {
  /** As `schema.name`. */
  readonly table: string
  readonly names: readonly string[]
}

/** By table, what the run has taken off and not made again: what it took off last stands first. */
export async function readOffObjects(tx: Queryable, runId: string): Promise<readonly OffObjects[]> {
  const rows = await tx.query(
    `select table_schema || '.' || table_name as "table", array_agg(object_name order by id desc) as names
from drover.altered_object
where run_id = $1 and change = 'dropped' and restored_at is null
group by table_schema, table_name
order by 1`,
    [runId],
  )
  return rows as unknown as readonly OffObjects[]
}

/** Restores one object and notes that, in the caller's transaction. */
export async function restoreAltered(tx: Queryable, { id, restore }: OpenObject): Promise<void> {
  await tx.query(restore)
  await tx.query(alteredStatements.markRestored, [id])
}

/** Notes that the object of this name on a table is as it was. */
export async function noteRestored(
  tx: Queryable,
  runId: string,
  { schema, table, name }: Pick<AlteredObject, 'schema' | 'table' | 'name'>,
): Promise<void> {
  await tx.query(alteredStatements.noteRestored, [runId, schema, table, name])
}
