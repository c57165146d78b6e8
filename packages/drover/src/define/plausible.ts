import { type Expression, sql } from 'kysely'
import { DroverError } from '../error.ts'
import { type Failure, once, operand, type Parsed, parsed } from './guard.ts'
import type { date, timestamp, timestamptz } from './sql-types.ts'
import { isTime } from './time-literal.ts'

/** Which times can be true. */
export interface PlausibleOptions<X> {
  /** The first time that can be true. Earlier ones, minus infinity and times BC among them, fail with `too-early`. */
  readonly from?: string | Expression<X>
  /** The last time that can be true, e.g. `cutover()`. Later ones, infinity among them, fail with `too-late`. */
  readonly until?: string | Expression<X>
  /** Times that stand for "none" in the source, such as 1970-01-01. They fail with `sentinel`. */
  readonly sentinels?: readonly string[]
}

/**
 * A date or time that can be true. Which ones can is for the author to say: nothing is implausible by itself. Bounds and
 * sentinels are compared as values of the column's type: `2001-01-01` is the midnight of that day for a timestamp. As
 * literals they are ISO 8601; one without an offset is UTC where the column has a zone. For a bound in days from the
 * cutover: `until: sql<date>`(${cutover()} at time zone 'UTC')::date + 7``.
 *
 * SQL: `case when x >= '1990-01-01' and x <= '2025-06-08' and x not in ('2001-01-01') then x end`
 *
 * @throws DroverError `definition-invalid` where a literal is no date or time, or where there is no rule at all.
 */
export function plausible<X extends date | timestamp | timestamptz | null>(
  x: Expression<X>,
  options: PlausibleOptions<Exclude<X, null>>,
): Parsed<X> {
  const { from, until, sentinels = [] } = options
  const input = once(x)
  const fails = (code: Failure['code'], when: Expression<unknown>) => ({ code, when })
  const failures = [
    ...(sentinels.length > 0
      ? [fails('sentinel', sql`${input} in (${sql.join(sentinels.map((time) => bound(time)))})`)]
      : []),
    ...(from !== undefined ? [fails('too-early', sql`${input} < ${bound(from)}`)] : []),
    ...(until !== undefined ? [fails('too-late', sql`${input} > ${bound(until)}`)] : []),
  ]
  if (failures.length === 0) {
    throw new DroverError('definition-invalid', 'plausible was given nothing to judge by.', {
      remedy: 'Give it `from`, `until` or `sentinels`.',
    })
  }
  const isRefused = sql.join(
    failures.map(({ when }) => sql`(${when})`),
    sql` or `,
  )
  return parsed({
    input: input.toOperationNode(),
    value: sql`case when (${isRefused}) is not true then ${input} end`.toOperationNode(),
    failures: failures.map(({ code, when }) => ({ code, when: when.toOperationNode() })),
  })
}

function bound(time: string | Expression<unknown>): Expression<unknown> {
  if (typeof time === 'string' && !isTime(time)) {
    throw new DroverError('definition-invalid', `plausible cannot compare with '${time}'.`, {
      remedy: 'Write it as ISO 8601, e.g. 2025-05-31 or 2025-05-31T12:00Z.',
    })
  }
  return operand(time)
}
