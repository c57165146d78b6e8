import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import type { Run } from '../ledger/run.ts'
import { causeOfRow } from './cause.ts'
import { fixOfRow, fixWaits } from './fix-of-row.ts'
import { isSelected, repairStatement } from './selected.ts'
import type { Selection } from './selection.ts'

/** Keys that a group shows at most. */
const sampledKeys = 5

/** Quarantined rows of one cause. Counts are int8, as bigint. */
export interface QuarantineGroup {
  readonly mapping: string
  readonly code: string
  /** The target columns under which the code stands, listed with commas; null where it is of the row as a whole. */
  readonly columns: string | null
  /** Of rows that the server refused. */
  readonly sqlstate: string | null
  readonly constraint: string | null
  readonly rows: bigint
  readonly accepted: bigint
  /** Rows with a fix with which they were not tried yet. */
  readonly fixed: bigint
  /** The lowest few. */
  readonly sampleKeys: readonly string[]
}

/** The quarantined rows that a selection means, by cause, the largest group first. */
export async function readQuarantineGroups(
  tx: Queryable,
  run: Run,
  selection: Selection,
): Promise<readonly QuarantineGroup[]> {
  const group = sql`mapping, code, columns, sqlstate, constraint_name`
  // Numbered and cut before it is aggregated: a group of millions would be one array in the server's memory.
  const query = sql`select ${group}, n, accepted, fixed, array_agg(source_key order by position) as keys
from (
  select ${group}, source_key,
    count(*) over same as n,
    count(accepted_at) over same as accepted,
    count(*) filter (where fix_waits) over same as fixed,
    row_number() over (partition by ${group} order by source_key) as position
  from (
    select quarantine.mapping, quarantine.code, cause.columns, quarantine.sqlstate, cause.constraint_name,
      quarantine.source_key, quarantine.accepted_at, ${fixWaits} as fix_waits
    from drover.quarantine
    ${causeOfRow}
    ${fixOfRow(run)}
    where ${isSelected(run.id, selection)}
  ) as caused
  window same as (partition by ${group})
) as numbered
where position <= ${sql.lit(sampledKeys)}
group by ${group}, n, accepted, fixed
order by n desc, mapping collate "C", code collate "C", columns collate "C", constraint_name collate "C"`
  const rows = await tx.query(repairStatement(run.id, 'quarantine list', query))
  return rows.map((row) => ({
    mapping: row.mapping as string,
    code: row.code as string,
    columns: row.columns as string | null,
    sqlstate: row.sqlstate as string | null,
    constraint: row.constraint_name as string | null,
    rows: BigInt(row.n as string),
    accepted: BigInt(row.accepted as string),
    fixed: BigInt(row.fixed as string),
    sampleKeys: row.keys as readonly string[],
  }))
}
