import { type Expression, sql } from 'kysely'
import { annotate } from '../sql/annotation.ts'
import { expressionOf } from '../sql/nodes.ts'
import { correctedWhen, type NullOf, once, operand, type Parsed, parsed } from './guard.ts'
import type { date, text, timestamp, timestamptz } from './sql-types.ts'
import { inDefaultCollation } from './text.ts'

/** The run's fixed "now": one instant for all rows, part of the plan's hash (I7). */
export function cutover(): Expression<timestamptz> {
  return expressionOf(annotate(sql`now()`.toOperationNode(), { kind: 'cutover' }))
}

/**
 * A time without zone, read as wall-clock time in `zone` (an IANA name or an expression). Fails with `not-finite` for
 * infinity. A time that the zone's clocks skip is moved forward by the gap; one that they show twice is taken as the later
 * of the two instants: PostgreSQL's own rules.
 *
 * SQL: `case when isfinite(x) then x at time zone 'UTC' end`
 */
export function instant<X extends timestamp | null>(
  x: Expression<X>,
  options: { readonly zone: string | Expression<text> },
): Parsed<timestamptz | NullOf<X>> {
  const input = once(x)
  return parsed({
    input: input.toOperationNode(),
    value:
      sql`case when isfinite(${input}) then ${input} at time zone (${operand(options.zone)}) end`.toOperationNode(),
    failures: [{ code: 'not-finite', when: sql`not isfinite(${input})`.toOperationNode() }],
  })
}

/**
 * The day that a business would write on a record: a stamp of exactly midnight is taken literally, every other stamp
 * is converted from `from` (default UTC) to the wall clock of `zone`. Fails with `not-finite` for infinity.
 *
 * SQL: `case when x::time = '00:00' then x::date else (x at time zone 'UTC' at time zone zone)::date end`
 */
export function businessDate<X extends timestamp | null>(
  x: Expression<X>,
  options: { readonly zone: string | Expression<text>; readonly from?: string },
): Parsed<date | NullOf<X>> {
  const input = once(x)
  const converted = sql`(${input} at time zone ${sql.lit(options.from ?? 'UTC')} at time zone (${operand(options.zone)}))::date`
  return parsed({
    input: input.toOperationNode(),
    value: sql`case
      when not isfinite(${input}) then null
      when ${input}::time = time '00:00' then ${input}::date
      else ${converted}
    end`.toOperationNode(),
    failures: [{ code: 'not-finite', when: sql`not isfinite(${input})`.toOperationNode() }],
  })
}

/**
 * A date written as ISO 8601, `2025-05-31`. Fails with `not-a-date` for every other text and for days that no calendar has.
 *
 * SQL: a guarded regular expression, then the length of the month; never a cast that could raise an error
 */
export function isoDate<X extends text | null>(x: Expression<X>): Parsed<date | NullOf<X>> {
  const input = once(x)
  const isShaped = sql`${inDefaultCollation(input)} ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left(${input}, 4) <> '0000'`
  const firstOfMonth = sql`(left(${input}, 8) || '01')::date`
  const value = once(sql`case when ${isShaped} then
      case when right(${input}, 2)::integer <= extract(day from ${firstOfMonth} + interval '1 month - 1 day') then ${input}::date end
    end`)
  return parsed({
    input: input.toOperationNode(),
    value: value.toOperationNode(),
    failures: [{ code: 'not-a-date', when: sql`${input} is not null and ${value} is null`.toOperationNode() }],
  })
}

/**
 * The instant, or the cutover where it lies after it; logged as a correction with `code`.
 *
 * SQL: `least(x, cutover)`
 */
export function clampToCutover<X extends timestamptz | null>(
  x: Expression<X>,
  code = 'future-timestamp',
): Expression<X> {
  const input = once(x)
  const clamped = sql<X>`case when ${input} > ${cutover()} then ${cutover()} else ${input} end`
  return correctedWhen(clamped, code, sql`${input} > ${cutover()}`, input)
}
