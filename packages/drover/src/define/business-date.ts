import { type Expression, sql } from 'kysely'
import { type NullOf, once, operand, type Parsed, parsed } from './guard.ts'
import type { date, text, timestamp } from './sql-types.ts'
import { convertible, withoutZone } from './wall-clock.ts'

/**
 * The day that a business would write on a record: a stamp of exactly midnight is taken literally, every other stamp
 * is converted from `from` (default UTC) to the wall clock of `zone`. Fails with `not-finite` for infinity and with
 * `out-of-range` for times in the first and the last months that PostgreSQL can hold; where `zone` is an expression and
 * null, a stamp that needs it fails with `no-zone`.
 *
 * SQL: `case when x::time = '00:00' then x::date else (x at time zone 'UTC' at time zone zone)::date end`
 */
export function businessDate<X extends timestamp | null>(
  x: Expression<X>,
  options: { readonly zone: string | Expression<text>; readonly from?: string },
): Parsed<date | NullOf<X>> {
  const input = once(x)
  const { holds, failures } = convertible(input)
  const isMidnight = sql`${input}::time = time '00:00'`
  const needsZone = sql`(${holds} and not (${isMidnight}))`
  const converted = sql`(${input} at time zone ${sql.lit(options.from ?? 'UTC')} at time zone (${operand(options.zone)}))::date`
  return parsed({
    input: input.toOperationNode(),
    value: sql`case
      when not (${holds}) then null
      when ${isMidnight} then ${input}::date
      else ${converted}
    end`.toOperationNode(),
    failures: [...failures, ...withoutZone(needsZone, options.zone)],
  })
}
