import { type Expression, type RawBuilder, sql } from 'kysely'
import type { Catalog } from '../catalog/catalog.ts'
import { columnOf, expressionOf, tableNode, unmerged } from '../sql/nodes.ts'
import type { ComparedColumn } from './measure.ts'

/** How alike two texts are. */
export interface Scorer {
  readonly name: 'pg_trgm' | 'bigrams'
  /** What is kept of a text, once a row. */
  readonly trace: (text: Expression<unknown>) => RawBuilder<unknown>
  /** From 0 to 1, of two traces; null where one of them is. */
  readonly likeness: (a: Expression<unknown>, b: Expression<unknown>) => RawBuilder<number | null>
}

/** A score is a whole number of these in 1. */
export const scoreSteps = 10_000

/** That of the extension pg_trgm where it is installed, whatever its schema; else drover's own. */
export function scorerFor(extensions: Catalog['extensions']): Scorer {
  const trigrams = extensions.find(({ name }) => name === 'pg_trgm')
  return trigrams === undefined ? bigrams : trigramsIn(trigrams.schema)
}

/**
 * Trigrams of pg_trgm. Its similarity is the shared ones among all (Jaccard), which falls steeply with one wrong letter;
 * 2j / (1 + j) makes it twice the shared ones over the sum of both (Dice).
 */
function trigramsIn(schema: string): Scorer {
  const similarity = expressionOf(tableNode({ schema, name: 'similarity' }))
  return {
    name: 'pg_trgm',
    trace: (text) => sql`${text}`,
    // 2 - 2 / (1 + j) is the same, and calls the function once.
    likeness: (a, b) => sql`(2 - 2 / (1 + ${similarity}(${a}, ${b})::float8))`,
  }
}

/** Bits that stand for the bigrams of a text. Few texts have more than 40: two of them seldom share a bit. */
const traceBits = 256

/** Pairs of neighbouring bytes, each a bit of a bit string: twice the shared ones over the sum of both (Dice). */
const bigrams: Scorer = {
  name: 'bigrams',
  trace: (text) => sql`(
    select bit_or(set_bit(
      b'0'::bit(${sql.lit(traceBits)}), (get_byte(spaced.bytes, i) * 31 + get_byte(spaced.bytes, i + 1)) & ${sql.lit(traceBits - 1)}, 1
    ))
    from (select convert_to(' ' || ${text} || ' ', 'UTF8') as bytes ${unmerged}) as spaced
    cross join generate_series(0, octet_length(spaced.bytes) - 2) as i
  )`,
  likeness: (a, b) => sql`(2.0::float8 * bit_count(${a} & ${b}) / (bit_count(${a}) + bit_count(${b})))`,
}

/**
 * The score of a pair: how alike the columns are, by their weights. A column that one of the rows lacks is left out; but
 * half of all weight counts at least, so that rows which share nothing but a city are not taken for the same.
 */
export function pairScore(columns: readonly ComparedColumn[], likeness: (column: number) => Expression<unknown>) {
  const weights = columns.map(({ weight }) => Math.max(weight, 0.1))
  const half = weights.reduce((sum, weight) => sum + weight, 0) / 2
  const sum = (term: (weight: RawBuilder<unknown>, column: number) => RawBuilder<unknown>) =>
    sql.join(
      weights.map((weight, i) => term(sql`${sql.lit(weight.toFixed(4))}::float8`, i)),
      sql` + `,
    )
  const alike = sum((weight, i) => sql`coalesce(${weight} * ${likeness(i)}, 0)`)
  const known = sum((weight, i) => sql`case when ${likeness(i)} is null then 0 else ${weight} end`)
  return sql<number>`round(${sql.lit(scoreSteps)} * (${alike}) / greatest(${known}, ${sql.lit(half.toFixed(4))}::float8))::int`
}

/** A column of the rows that holds the trace of a compared column. */
export function traceOf(alias: string, column: number): Expression<unknown> {
  return columnOf(alias, `trace_${column}`)
}
