import { type Expression, sql } from 'kysely'
import { correctedWhen, type Literal, once, operand, type Parsed, parsed } from './guard.ts'

/**
 * The value, which must be there. Fails with `missing` where it is null.
 *
 * SQL: `x`, failed when `x is null`
 */
export function required<X>(x: Expression<X>): Parsed<Exclude<X, null>> {
  const input = once(x)
  return parsed({
    input: input.toOperationNode(),
    value: input.toOperationNode(),
    failures: [{ code: 'missing', when: sql`${input} is null`.toOperationNode() }],
  })
}

/**
 * The value, or `fallback` where it is null; each use of the fallback is logged as a correction with `code`.
 *
 * SQL: `coalesce(x, fallback)`
 */
export function withDefault<X>(
  x: Expression<X>,
  fallback: Literal<X> | Expression<Exclude<X, null>>,
  code = 'default',
): Expression<Exclude<X, null>> {
  const input = once(x)
  return correctedWhen(
    sql<Exclude<X, null>>`coalesce(${input}, ${operand(fallback)})`,
    code,
    sql`${input} is null`,
    input,
  )
}

/** One value for every row. Logged once for the mapping, not for each row. */
export function constant<const V extends string | number | boolean | null>(value: V): Expression<V> {
  return sql.lit(value)
}
