import { type RawBuilder, sql } from 'kysely'
import type { Queryable } from '../db/connection.ts'
import { compile } from '../sql/compile.ts'
import type { CheckName } from './verification.ts'

/** Keys that a finding names at most. */
const namedKeys = 5

/** Rows that break a rule: how many there are, and the first few by their keys. */
export interface Violations {
  readonly count: bigint
  readonly keys: readonly string[]
}

/** What a statement of a check says of itself in its first line. */
export interface Origin {
  readonly runId: string
  readonly mapping: string
  readonly check: CheckName
}

/** The first line of a statement: the run, mapping and check that it belongs to. */
export function headOf({ runId, mapping, check }: Origin): string {
  return `/* drover run ${runId} ${mapping} verify ${check} */`
}

/** A statement with that line. */
export function checkStatement(origin: Origin, query: RawBuilder<unknown> | string): string {
  return `${headOf(origin)}\n${typeof query === 'string' ? query : compile(query.toOperationNode())}`
}

/** Counts the rows of `query`, which selects one column `key`, and takes the lowest keys. */
export async function readViolations(tx: Queryable, origin: Origin, query: RawBuilder<unknown>): Promise<Violations> {
  const rows = await tx.query(
    checkStatement(
      origin,
      sql`select count(*) over () as n, key
from (
${query}
) as violation
order by key collate "C"
limit ${sql.lit(namedKeys)}`,
    ),
  )
  return { count: BigInt((rows[0]?.n as string | undefined) ?? 0), keys: rows.map((row) => row.key as string) }
}

/** The keys as a list: `v1, v2 and 40 more`. */
export function listKeys({ count, keys }: Violations): string {
  const more = count - BigInt(keys.length)
  return `${keys.join(', ')}${more > 0n ? ` and ${more} more` : ''}`
}
