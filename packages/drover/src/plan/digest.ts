import { type Expression, type RawBuilder, sql } from 'kysely'
import type { Column, Table } from '../catalog/table.ts'
import { columnOf, unmerged } from '../sql/nodes.ts'

/** `sha256` where the server refuses md5, as one in FIPS mode does. */
export type DigestAlgorithm = 'md5' | 'sha256'

/** The parts of a query that digests rows: three aggregates over `from`. */
export interface Digest {
  readonly rows: RawBuilder<unknown>
  /** The sums, over all rows, of both 64-bit halves of the hash: the same for the same rows in any order. */
  readonly high: RawBuilder<unknown>
  readonly low: RawBuilder<unknown>
  readonly from: RawBuilder<unknown>
}

/** The digest of the texts that `row`, an expression over `t`, makes of the rows of a relation. */
export function digestOf(
  row: RawBuilder<unknown>,
  relation: Expression<unknown>,
  algorithm: DigestAlgorithm = 'md5',
): Digest {
  const half = (of: 'left' | 'right') => sql`coalesce(sum(('x' || ${sql.raw(of)}(hash, 16))::bit(64)::bigint), 0)`
  return {
    rows: sql`count(*)`,
    high: half('left'),
    low: half('right'),
    // `unmerged` keeps the planner from making each hash twice, once for each half.
    from: sql`from (select ${hash(row, algorithm)} as hash from ${relation} as t ${unmerged}) as hashed`,
  }
}

/** 128 bits, in hex. The text of a row tells all rows apart: it quotes what holds a separator, and leaves out a null. */
function hash(row: RawBuilder<unknown>, algorithm: DigestAlgorithm): RawBuilder<unknown> {
  if (algorithm === 'md5') return sql`md5(${row}::text)`
  return sql`left(encode(sha256(convert_to(${row}::text, 'UTF8')), 'hex'), 32)`
}

/** A row of `t` as the server prints it: whatever was written shows, be it only the scale of a number. */
export const printedRow: RawBuilder<unknown> = sql`row(t.*)`

/**
 * A row of `t` in which values that are equal read the same, in any session that prints dates and bytes alike: numbers
 * lose trailing zeros (1.0 is 1.00), floats the sign of zero, instants are given in UTC. Inside of arrays, composites,
 * ranges and documents values stay as they are printed; `json` is its text, `jsonb` knows no order of keys; texts differ
 * where their bytes do, whatever their collation or type takes for equal.
 */
export function canonicalRow({ columns }: Pick<Table, 'columns'>): RawBuilder<unknown> {
  return sql`row(${sql.join(columns.map(canonicalValue))})`
}

function canonicalValue({ name, baseType }: Column): RawBuilder<unknown> {
  const value = columnOf('t', name)
  switch (baseType) {
    case 'numeric':
      return sql`trim_scale(${value})`
    case 'float4':
    case 'float8':
      return sql`${value} + ${sql.raw(`0::${baseType}`)}`
    case 'timestamptz':
      return sql`${value} at time zone 'UTC'`
    default:
      return sql`${value}`
  }
}
