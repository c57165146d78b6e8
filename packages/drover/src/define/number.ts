import { type Expression, sql } from 'kysely'
import { requireWhole } from './demand.ts'
import { type NullOf, type Parsed, parsed } from './guard.ts'
import { limitOf } from './number-range.ts'
import { type NumberTextOptions, readNumber } from './number-text.ts'
import type { numeric, text } from './sql-types.ts'

/** How numbers stand in the text, and how many digits are kept. */
export interface NumberOptions extends NumberTextOptions {
  /** Digits kept after the point; more are rounded half away from zero, and a correction `rounded` says so. Default 6. */
  readonly scale?: number
  /** Digits in all, as in `numeric(precision, scale)`: a larger number fails with `out-of-range`. Default `scale` + 14. */
  readonly precision?: number
}

/**
 * A number as people and sheets write it: currency signs, thousands separators, parentheses for negative amounts, a
 * percent sign (45% is 45), the accountant's dash for zero (`$ -`), blanks of every kind around it and between groups of
 * three digits. Everything else fails with `not-a-number`: words, exponents, `NaN`, `Infinity`, digits of other scripts,
 * two numbers or two signs in one text, a sign behind the number, an empty text; a number with more digits than
 * `precision` has room for fails with `out-of-range`.
 * Where the text had to be cleaned, a correction `number-format` keeps the original.
 *
 * SQL: `round(x::numeric, scale)` behind one guarded regular expression for plain numbers; only other texts go through
 * the full grammar. Never a cast that could raise an error, and not `pg_input_is_valid`, which takes `NaN`, `1e5` and
 * `0x1F` for numbers.
 *
 * @throws DroverError `definition-invalid` where `scale` or `precision` is none of `numeric`'s.
 */
export function decimal<X extends text | null>(
  x: Expression<X>,
  options: NumberOptions = {},
): Parsed<numeric | NullOf<X>> {
  const scale = options.scale ?? 6
  const precision = options.precision ?? scale + 14
  requireWhole('decimal', 'scale', scale, { least: 0, most: 30 })
  requireWhole('decimal', 'precision', precision, { least: Math.max(scale, 1), most: scale + 38 })
  const { input, exact, failures, cleaned } = readNumber(x, options)
  const rounded = sql`round(${exact}, ${sql.lit(scale)})`
  const fits = sql`abs(${exact}) < ${limitOf({ precision, scale })}`
  return parsed({
    input: input.toOperationNode(),
    value: sql`case when ${fits} then ${rounded} end`.toOperationNode(),
    failures: [...failures, { code: 'out-of-range', when: sql`not (${fits})`.toOperationNode() }],
    guards: [
      cleaned(fits),
      {
        code: 'rounded',
        outcome: 'correct',
        when: sql`${exact} <> ${rounded} and ${fits}`.toOperationNode(),
        original: input.toOperationNode(),
      },
    ],
  })
}

/** {@link decimal} for amounts: two digits more than cents are kept by default (scale 4). */
export function money<X extends text | null>(
  x: Expression<X>,
  options: NumberOptions = {},
): Parsed<numeric | NullOf<X>> {
  return decimal(x, { scale: 4, ...options })
}

/** {@link decimal} for percentages, in points: `45%` and `45` are 45. */
export function percent<X extends text | null>(
  x: Expression<X>,
  options: NumberOptions = {},
): Parsed<numeric | NullOf<X>> {
  return decimal(x, options)
}
