import type { Queryable } from '../db/connection.ts'
import type { Decision } from './rollback.ts'

/**
 * `changed`, `deleted`: a row that the run wrote, by someone else since · `added`: a row that is not the run's refers to one
 * that is to go · `needed`: a row of the run to which one refers that stays.
 */
export type ConflictKind = 'changed' | 'deleted' | 'added' | 'needed'

/** A row that stands in the way of a rollback. Holds keys, no values (I8). */
export interface Conflict {
  readonly schema: string
  readonly table: string
  /** Its primary key as one text, as source keys are written; the place of the row where the table has no key. */
  readonly key: string
  readonly kind: ConflictKind
  /** Of a row that the run wrote. */
  readonly mapping: string | null
  /** Of a row that was added: the foreign key, and the row that it leads to, as `schema.table key`. */
  readonly constraint: string | null
  readonly refersTo: string | null
  /** The row's xmin when it was found, int8 as text; null where it is gone. */
  readonly version: string | null
  /** Null as long as nothing is decided. */
  readonly decision: Decision | null
}

/** Keeps the xmins by which rows of a table count as the run's: those that bear them were compared. */
export async function trustVersions(
  tx: Queryable,
  runId: string,
  { schema, name }: { readonly schema: string; readonly name: string },
  versions: readonly string[],
): Promise<void> {
  await tx.query(
    `insert into drover.trusted_version (run_id, table_schema, table_name, version)
select $1, $2, $3, version
from unnest($4::bigint[]) as version
on conflict do nothing`,
    [runId, schema, name, versions],
  )
}
