import { type AliasableExpression, type Expression, sql } from 'kysely'
import type { Guard } from '../sql/annotation.ts'
import { type Failure, once, operand } from './guard.ts'
import type { text, timestamptz } from './sql-types.ts'

/** How times on a wall clock become instants. */
export interface WallClockOptions {
  /** An IANA name, or an expression. See `timeZone` for names that come from data. */
  readonly zone: string | Expression<text>
  /**
   * A time that the clocks skip, as when summer time begins. `forward`: read by the offset before the jump, which moves
   * it forward by the length of the gap (02:30 becomes 03:30), logged as a correction `skipped-time` · `refuse`: it
   * fails with `skipped-time`. Default `forward`, PostgreSQL's own rule.
   */
  readonly gap?: 'forward' | 'refuse'
  /**
   * A time that the clocks show twice, as when summer time ends. `later`: the second of the two instants, where a change
   * of summer time is the cause the one in standard time · `earlier`: the first, what JavaScript and Java choose · both
   * counted as a note `ambiguous-time` · `refuse`: it fails with `ambiguous-time`. Default `later`, PostgreSQL's own rule.
   */
  readonly overlap?: 'earlier' | 'later' | 'refuse'
}

/** A time without zone, read on the wall clock of a zone. */
export interface WallClockReading {
  /** Null where a failure holds. Never raises an error where the zone is known to the server. */
  readonly value: AliasableExpression<timestamptz>
  readonly failures: readonly Failure[]
  readonly guards: readonly Guard[]
}

/** The clocks of these zones never jump: there is nothing to look for. */
const uniformZones = ['UTC', 'Etc/UTC']

/** A time that PostgreSQL can take to another zone and a day back without leaving its range, and how others fail. */
export function convertible(x: Expression<unknown>): {
  readonly holds: Expression<boolean>
  readonly failures: readonly Failure[]
} {
  const holds = once(sql<boolean>`${x} between timestamp '4713-01-01 00:00 BC' and timestamp '294276-01-01 00:00'`)
  return {
    holds,
    failures: [
      { code: 'not-finite', when: sql`not ${holds} and not isfinite(${x})`.toOperationNode() },
      { code: 'out-of-range', when: sql`not ${holds} and isfinite(${x})`.toOperationNode() },
    ],
  }
}

/**
 * How a time fails that is `needed` in a zone which comes from data and is null there: what is read in no zone is null, and
 * would be lost in silence.
 */
export function withoutZone(needed: Expression<unknown>, zone: WallClockOptions['zone']): readonly Failure[] {
  if (typeof zone === 'string') return []
  return [{ code: 'no-zone', fixedCode: true, when: sql`${needed} and (${zone}) is null`.toOperationNode() }]
}

/** Reads `x`, logged as `original`. Never raises an error where the server knows the zone. */
export function readWallClock(
  x: Expression<unknown>,
  original: Expression<unknown>,
  options: WallClockOptions,
): WallClockReading {
  const { gap = 'forward', overlap = 'later' } = options
  const { holds, failures: timeFailures } = convertible(x)
  const failures = [...timeFailures, ...withoutZone(holds, options.zone)]
  if (typeof options.zone === 'string' && uniformZones.includes(options.zone)) {
    // An offset is added; the rules of a zone are looked up by its name for every row.
    const value = once(sql<timestamptz>`case when ${holds} then (${x}) at time zone interval '0' end`)
    return { value, failures, guards: [] }
  }
  const inZone = (time: Expression<unknown>) => sql`((${time}) at time zone (${operand(options.zone)}))`
  // PostgreSQL reads a skipped time by the offset before the jump, and one that comes twice by the offset after it.
  const later = once(sql<timestamptz>`case when ${holds} then ${inZone(x)} end`)
  // By the offset of the day before: where that gives the same time on the clock, the clock was set back in between.
  const dayBefore = sql`${later} - interval '24 hours'`
  const sinceThen = sql`${x} - ${inZone(dayBefore)}`
  const earlier = sql<timestamptz>`${dayBefore} + (${sinceThen})`
  const jump = once(sql<text | null>`case
      when ${inZone(later)} <> ${x} then 'skipped-time'
      when ${sinceThen} < interval '24 hours' and ${inZone(earlier)} = ${x} then 'ambiguous-time'
    end`)
  const isJump = (code: 'skipped-time' | 'ambiguous-time') => sql`${jump} = ${sql.lit(code)}`
  const logged = (code: 'skipped-time' | 'ambiguous-time', outcome: 'correct' | 'note'): Guard => ({
    code,
    outcome,
    when: isJump(code).toOperationNode(),
    original: original.toOperationNode(),
  })
  const refused = (code: 'skipped-time' | 'ambiguous-time'): Failure => ({
    code,
    fixedCode: true,
    when: isJump(code).toOperationNode(),
  })
  const exceptions = [
    ...(gap === 'refuse' ? [sql`when ${isJump('skipped-time')} then null`] : []),
    ...(overlap === 'refuse' ? [sql`when ${isJump('ambiguous-time')} then null`] : []),
    ...(overlap === 'earlier' ? [sql`when ${isJump('ambiguous-time')} then ${earlier}`] : []),
  ]
  return {
    value: exceptions.length === 0 ? later : once(sql`case ${sql.join(exceptions, sql` `)} else ${later} end`),
    failures: [
      ...failures,
      ...(gap === 'refuse' ? [refused('skipped-time')] : []),
      ...(overlap === 'refuse' ? [refused('ambiguous-time')] : []),
    ],
    guards: [
      ...(gap === 'refuse' ? [] : [logged('skipped-time', 'correct')]),
      ...(overlap === 'refuse' ? [] : [logged('ambiguous-time', 'note')]),
    ],
  }
}
