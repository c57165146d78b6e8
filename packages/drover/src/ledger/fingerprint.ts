import type { Queryable } from '../db/connection.ts'
import type { DigestAlgorithm } from '../plan/digest.ts'

/** The digest of a table as it was at one moment. Numbers are texts: they do not fit into JavaScript's. */
export interface Fingerprint {
  readonly schema: string
  readonly table: string
  readonly algorithm: DigestAlgorithm
  readonly rows: string
  readonly high: string
  readonly low: string
  /** An ISO instant. */
  readonly takenAt: string
}

/** The last fingerprint of a table that an ended verification of the run left; undefined where there is none. */
export async function readFingerprint(
  tx: Queryable,
  runId: string,
  { schema, name }: { readonly schema: string; readonly name: string },
): Promise<Fingerprint | undefined> {
  const [row] = await tx.query(
    `select algorithm, rows::text as rows, high::text as high, low::text as low,
  to_char(taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as taken_at
from drover.fingerprint
join drover.verification on verification.id = fingerprint.verification_id
where run_id = $1 and finished_at is not null and table_schema = $2 and table_name = $3
order by verification.id desc
limit 1`,
    [runId, schema, name],
  )
  if (row === undefined) return undefined
  const { algorithm, rows, high, low, taken_at } = row as Readonly<Record<string, string>>
  return {
    schema,
    table: name,
    algorithm: algorithm as DigestAlgorithm,
    rows: rows!,
    high: high!,
    low: low!,
    takenAt: taken_at!,
  }
}

/** Keeps the fingerprints that a verification took. */
export async function recordFingerprints(
  tx: Queryable,
  verificationId: string,
  fingerprints: readonly Fingerprint[],
): Promise<void> {
  await tx.query(
    `insert into drover.fingerprint (verification_id, table_schema, table_name, algorithm, rows, high, low, taken_at)
select $1, schema, "table", algorithm, rows, high, low, "takenAt"
from jsonb_to_recordset($2) as fingerprint (
  schema text, "table" text, algorithm text, rows bigint, high numeric, low numeric, "takenAt" timestamptz
)`,
    [verificationId, JSON.stringify(fingerprints)],
  )
}
