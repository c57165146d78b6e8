import { qualifiedName } from '../../catalog/catalog.ts'
import type { Queryable } from '../../db/connection.ts'
import type { ConflictKind } from '../../ledger/conflict.ts'

/** Conflicts of one table and kind: how many, and the lowest keys. */
export interface ConflictSummary {
  /** As `schema.name`. */
  readonly table: string
  readonly kind: ConflictKind
  readonly rows: bigint
  readonly keys: readonly string[]
}

/** Keys of a table and kind that are named at most. */
export const namedKeys = 5

/** `$1` run, `$2` {@link namedKeys}. Returns `schema`, `name`, `kind`, `n`, `keys`. */
export const summaryStatement = `select schema, name, kind, n, array_agg(row_key order by row_key) as keys
from (
  select table_schema as schema, table_name as name, kind, row_key, count(*) over each as n,
    row_number() over (each order by row_key) as position
  from drover.conflict
  where run_id = $1 and decision is null
  window each as (partition by table_schema, table_name, kind)
) as numbered
where position <= $2
group by schema, name, kind, n
order by schema, name, kind`

/** The conflicts of a run about which nothing is decided. */
export async function readUndecided(tx: Queryable, runId: string): Promise<readonly ConflictSummary[]> {
  const rows = await tx.query(summaryStatement, [runId, namedKeys])
  return rows.map((row) => ({
    table: qualifiedName(row as unknown as { schema: string; name: string }),
    kind: row.kind as ConflictKind,
    rows: BigInt(row.n as string),
    keys: row.keys as readonly string[],
  }))
}
