import { type Expression, sql } from 'kysely'
import type { Guard } from '../sql/annotation.ts'
import { type NullOf, once, operand, type Parsed, parsed } from './guard.ts'
import type { numeric, text } from './sql-types.ts'
import { spaceLiteral } from './text.ts'

/** How a source writes numbers: `en` 1,234.50 or `eu` 1.234,50. */
export type NumberLocale = 'en' | 'eu'

export interface NumberOptions {
  /**
   * A literal, or an expression for sources that differ. Where it is null, numbers are read as `en`, but a text such as
   * `1.234`, which means another number in each, is refused as `ambiguous-number`. Default `en`.
   */
  readonly locale?: NumberLocale | Expression<text | null>
  /** Digits kept after the point; more are rounded half away from zero, and a correction `rounded` says so. Default 6. */
  readonly scale?: number
  /** What a number without a percent sign is multiplied by: 100 for a source that writes rates as 0.45. Default 1. */
  readonly bareFactor?: number | Expression<unknown>
}

/** Signs of currencies, removed wherever they stand. */
const currencySigns = '$€£¥'

/** Digits before the point that a number may have. Longer ones are refused: no column of the kind holds them. */
const integerDigits = 14

const plainNumber = `^-?[0-9]{1,${integerDigits}}([.][0-9]{1,6})?$`
const groupedNumber = {
  en: `^[+-]?([0-9]{1,${integerDigits}}|[0-9]{1,3}(,[0-9]{3}){1,4})([.][0-9]{1,30})?$`,
  eu: `^[+-]?([0-9]{1,${integerDigits}}|[0-9]{1,3}([.][0-9]{3}){1,4})(,[0-9]{1,30})?$`,
}
const ambiguousNumber = '^[+-]?[0-9]{1,3}[.][0-9]{3}$'

/**
 * A number as people and sheets write it: currency signs, thousands separators, parentheses for negative amounts, a
 * percent sign (45% is 45), the accountant's dash for zero (`$ -`), blanks of every kind. Everything else fails with
 * `not-a-number`: words, exponents, `NaN`, `Infinity`, digits of other scripts, an empty text.
 * Where the text had to be cleaned, a correction `number-format` keeps the original.
 *
 * SQL: one guarded regular expression for plain numbers; only other texts go through the full grammar. Never a cast
 * that could raise an error, and not `pg_input_is_valid`, which takes `NaN`, `1e5` and `0x1F` for numbers.
 */
export function decimal<X extends text | null>(
  x: Expression<X>,
  options: NumberOptions = {},
): Parsed<numeric | NullOf<X>> {
  const input = once(x)
  const locale = operand(options.locale ?? 'en')
  const scale = options.scale ?? 6
  const canonical = once(canonicalNumber(input, locale))
  const isPercent = sql`position('%' in ${input}) > 0`
  const factor = options.bareFactor ?? 1
  const scaled =
    factor === 1
      ? sql<numeric>`${canonical}::numeric`
      : sql<numeric>`${canonical}::numeric * case when ${isPercent} then 1 else ${operand(factor)} end`
  const exact = once(scaled)
  const ambiguous = sql`${locale} is null and btrim(${input}, ${spaceLiteral}) ~ ${sql.lit(ambiguousNumber)}`
  const value = sql<numeric>`round(case when not coalesce(${ambiguous}, false) then ${exact} end, ${sql.lit(scale)})`
  const original = input.toOperationNode()
  const corrections: readonly Guard[] = [
    {
      code: 'number-format',
      outcome: 'correct',
      when: sql`${canonical} <> btrim(${input}) or ${exact} <> ${canonical}::numeric`.toOperationNode(),
      original,
    },
    {
      code: 'rounded',
      outcome: 'correct',
      when: sql`${exact} <> round(${exact}, ${sql.lit(scale)})`.toOperationNode(),
      original,
    },
  ]
  return parsed({
    input: original,
    value: value.toOperationNode(),
    failures: [
      { code: 'ambiguous-number', fixedCode: true, when: ambiguous.toOperationNode() },
      { code: 'not-a-number', when: sql`${input} is not null and ${canonical} is null`.toOperationNode() },
    ],
    guards: corrections,
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

/** The text that PostgreSQL reads as the number, or null where there is none. A scalar subquery: only texts that are no plain number pay for the grammar. */
function canonicalNumber(input: Expression<unknown>, locale: Expression<unknown>): Expression<text | null> {
  return sql<text | null>`case
      when ${input} is null then null
      when ${input} ~ ${sql.lit(plainNumber)} and coalesce(${locale}, 'en') <> 'eu' then ${input}
      else (
        select case
            when w.body = '-' and w.body <> btrim(${input}, ${spaceLiteral}) then '0'
            when coalesce(${locale}, 'en') <> 'eu' and w.number ~ ${sql.lit(groupedNumber.en)}
              then replace(ltrim(w.number, '+'), ',', '')
            when ${locale} = 'eu' and w.number ~ ${sql.lit(groupedNumber.eu)}
              then replace(replace(ltrim(w.number, '+'), '.', ''), ',', '.')
          end
        from (
          select b.body, case
              when b.body like '(%)' then '-' || rtrim(substr(b.body, 2, length(b.body) - 2), '%')
              else regexp_replace(b.body, '%$', '')
            end as number
          from (select translate(${input}, ${spaceLiteral} || ${sql.lit(currencySigns)}, '') as body) as b
        ) as w
      )
    end`
}
