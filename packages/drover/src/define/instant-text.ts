import { type Expression, sql } from 'kysely'
import type { Guard } from '../sql/annotation.ts'
import { inDefaultCollation } from './characters.ts'
import { dayOf } from './date-text.ts'
import { type Failure, type NullOf, once, type Parsed, parsed } from './guard.ts'
import type { text, timestamptz } from './sql-types.ts'
import { readWallClock, type WallClockOptions } from './wall-clock.ts'

/** ISO 8601 as RFC 3339 narrows it, and as PostgreSQL prints it: a space for the T, an offset without minutes. */
const shape =
  '^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?' +
  '(?:[Zz]|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)?$'

/**
 * An instant written as ISO 8601: `2025-05-31T23:59:59.999Z`, `2025-05-31 23:59+02`. One without an offset is read as
 * wall-clock time in `zone`, see `instant`; where no zone is given it fails with `no-zone`. Fails with `not-an-instant`
 * for every other text: a date alone, blanks around it (see `trim`), days that no calendar has, 24:00, leap seconds.
 * Digits beyond the microsecond are cut off, and a correction `cut-off` says so.
 *
 * SQL: a guarded regular expression, the length of the month, then `x::timestamptz` where the text tells an offset and
 * `x::timestamp at time zone zone` where it does not; never a cast that could raise an error
 */
export function instantFromText<X extends text | null>(
  x: Expression<X>,
  options: Partial<WallClockOptions> = {},
): Parsed<timestamptz | NullOf<X>> {
  const input = once(x)
  const written = inDefaultCollation(input)
  const isShaped = once(sql`${written} ~ ${sql.lit(shape)} and (${dayOf(sql`left(${input}, 10)`)}) is not null`)
  const hasOffset = sql`substr(${written}, 17) ~ '[Zz+-]'`
  const isTooFine = sql`${written} ~ '[.][0-9]{7}'`
  const microseconds = sql`case when ${isTooFine} then regexp_replace(${written}, '([.][0-9]{6})[0-9]+', '\\1') else ${input} end`
  const exact = once(sql`case when ${isShaped} and ${hasOffset} then (${microseconds})::timestamptz end`)
  const isOther = sql`${input} is not null and not (${isShaped})`
  const failures: readonly Failure[] = [{ code: 'not-an-instant', when: isOther.toOperationNode() }]
  const cutOff = (value: Expression<unknown>): Guard => ({
    code: 'cut-off',
    outcome: 'correct',
    when: sql`${value} is not null and ${written} ~ '[.][0-9]{6}[0-9]*[1-9]' and ${isTooFine}`.toOperationNode(),
    original: input.toOperationNode(),
  })
  if (options.zone === undefined) {
    const isLocal = sql`${isShaped} and not (${hasOffset})`
    return parsed({
      input: input.toOperationNode(),
      value: exact.toOperationNode(),
      failures: [...failures, { code: 'no-zone', fixedCode: true, when: isLocal.toOperationNode() }],
      guards: [cutOff(exact)],
    })
  }
  const wall = once(sql`case when ${isShaped} and not (${hasOffset}) then (${microseconds})::timestamp end`)
  const local = readWallClock(wall, input, { ...options, zone: options.zone })
  const value = once(sql`coalesce(${exact}, ${local.value})`)
  return parsed({
    input: input.toOperationNode(),
    value: value.toOperationNode(),
    failures: [...failures, ...local.failures],
    guards: [cutOff(value), ...local.guards],
  })
}
