import type { Queryable } from '../db/connection.ts'
import type { DigestAlgorithm } from '../plan/digest.ts'
import type { Fingerprint } from './fingerprint.ts'

/** Keeps the fingerprint of a target as the run found it. */
export async function recordTargetBefore(tx: Queryable, runId: string, taken: Fingerprint): Promise<void> {
  const { schema, table, algorithm, rows, high, low, takenAt } = taken
  await tx.query(
    `insert into drover.target_before (run_id, table_schema, table_name, algorithm, rows, high, low, taken_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [runId, schema, table, algorithm, rows, high, low, takenAt],
  )
}

/** The targets as the run found them, in the order of their names; none for a run that an older drover began. */
export async function readTargetsBefore(tx: Queryable, runId: string): Promise<readonly Fingerprint[]> {
  const found = await tx.query(
    `select table_schema, table_name, algorithm, rows::text as rows, high::text as high, low::text as low,
  to_char(taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as taken_at
from drover.target_before
where run_id = $1
order by table_schema, table_name`,
    [runId],
  )
  return (found as readonly Readonly<Record<string, string>>[]).map((row) => ({
    schema: row.table_schema!,
    table: row.table_name!,
    algorithm: row.algorithm as DigestAlgorithm,
    rows: row.rows!,
    high: row.high!,
    low: row.low!,
    takenAt: row.taken_at!,
  }))
}
