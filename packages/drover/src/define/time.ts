import { type Expression, sql } from 'kysely'
import { annotate } from '../sql/annotation.ts'
import { expressionOf } from '../sql/nodes.ts'
import { correctedWhen, once } from './guard.ts'
import type { timestamptz } from './sql-types.ts'

/** The run's fixed "now": one instant for all rows, part of the plan's hash (I7). */
export function cutover(): Expression<timestamptz> {
  return expressionOf(annotate(sql`now()`.toOperationNode(), { kind: 'cutover' }))
}

/**
 * The instant, or the cutover where it lies after it; logged as a correction with `code`.
 *
 * SQL: `case when x > cutover then cutover else x end`
 */
export function clampToCutover<X extends timestamptz | null>(
  x: Expression<X>,
  code = 'future-timestamp',
): Expression<X> {
  const input = once(x)
  const clamped = sql<X>`case when ${input} > ${cutover()} then ${cutover()} else ${input} end`
  return correctedWhen(clamped, code, sql`${input} > ${cutover()}`, input)
}
