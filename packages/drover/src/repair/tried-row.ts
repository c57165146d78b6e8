import { sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import type { Disposition } from '../plan/disposition.ts'
import { ledgerTables } from '../plan/plan.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import type { NamedRow } from './named-rows.ts'
import type { Reason } from './row.ts'
import { repairStatement } from './selected.ts'

/** What becomes of a row that is tried: keys and codes, no values (I8). */
export interface TriedRow extends NamedRow {
  /** `withdrawn`: of a stored query that does not give the row any more. */
  readonly disposition: Disposition | 'withdrawn'
  /** Why it stays in quarantine; null where it does not. */
  readonly code: string | null
  /** In order; the first one gives the code. Empty where it does not stay in quarantine. */
  readonly reasons: readonly Reason[]
  /** Of the server's error, where that keeps it in quarantine. */
  readonly sqlstate: string | null
  /** The source key of the row that stands for it, where it is merged. */
  readonly survivor: string | null
}

/** What the ledger says of a row that a repair has tried. */
export async function readTriedRow(tx: Queryable, runId: string, { mapping, key }: NamedRow): Promise<TriedRow> {
  const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(mapping)))
  const isThisRow = (log: string) =>
    sql`${sql.id(log)}.run_id = ${sql.lit(runId)} and ${sql.id(log)}.mapping = ${sql.lit(mapping)} and ${sql.id(log)}.source_key = walked.source_key`
  const query = sql`select walked.disposition, quarantine.code, quarantine.reasons, quarantine.sqlstate, merge.survivor_key
from ${crosswalk} as walked
left join drover.quarantine on ${isThisRow('quarantine')}
left join drover.merge on ${isThisRow('merge')}
where walked.source_key = ${sql.lit(key)}`
  const [row] = await tx.query(repairStatement(runId, `${mapping} repair`, query))
  return {
    mapping,
    key,
    disposition: (row?.disposition ?? 'withdrawn') as TriedRow['disposition'],
    code: (row?.code ?? null) as string | null,
    reasons: (row?.reasons ?? []) as readonly Reason[],
    sqlstate: (row?.sqlstate ?? null) as string | null,
    survivor: (row?.survivor_key ?? null) as string | null,
  }
}
