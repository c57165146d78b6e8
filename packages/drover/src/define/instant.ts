import { type Expression, sql } from 'kysely'
import { type NullOf, once, type Parsed, parsed } from './guard.ts'
import type { text, timestamp, timestamptz } from './sql-types.ts'
import { readWallClock, type WallClockOptions } from './wall-clock.ts'

/**
 * A time without zone, read as wall-clock time in `zone`. Fails with `not-finite` for infinity and with `out-of-range`
 * for times in the first and the last months that PostgreSQL can hold; where `zone` is an expression and null, every time
 * fails with `no-zone`. What becomes of a time that the zone's clocks skip or show twice is for `gap` and `overlap` to
 * say. `UTC` has neither, and costs less than other zones.
 *
 * SQL: `case when x between … then x at time zone interval '0' end`; in other zones `at time zone zone`, and
 * `case when x at time zone zone at time zone zone <> x then 'skipped-time' … end`
 */
export function instant<X extends timestamp | null>(
  x: Expression<X>,
  options: WallClockOptions,
): Parsed<timestamptz | NullOf<X>> {
  const input = once(x)
  const { value, failures, guards } = readWallClock(input, input, options)
  return parsed({ input: input.toOperationNode(), value: value.toOperationNode(), failures, guards })
}

/**
 * The name of a time zone that the server knows, spelt as `pg_timezone_names` spells it. Fails with `unknown-zone`. For
 * names that come from data: in a conversion, the server refuses an unknown one, and the row with it.
 *
 * SQL: `case when x in (select name from pg_catalog.pg_timezone_names) then x end`
 */
export function timeZone<X extends text | null>(x: Expression<X>): Parsed<text | NullOf<X>> {
  const input = once(x)
  // The view reads the server's time zone files: once a statement, as the subquery does not depend on the row.
  const known = once(
    sql`case when ${input} in (select zone.name from pg_catalog.pg_timezone_names as zone) then ${input} end`,
  )
  return parsed({
    input: input.toOperationNode(),
    value: known.toOperationNode(),
    failures: [{ code: 'unknown-zone', when: sql`${input} is not null and ${known} is null`.toOperationNode() }],
  })
}
