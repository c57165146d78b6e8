import { type Expression, sql } from 'kysely'
import type { Guard } from '../sql/annotation.ts'
import { type NullOf, once, operand, type Parsed, parsed } from './guard.ts'
import type { numeric, text } from './sql-types.ts'
import { inDefaultCollation, spaceLiteral, spacePattern } from './text.ts'

/** How a source writes numbers: `en` 1,234.50 or `eu` 1.234,50. */
export type NumberLocale = 'en' | 'eu'

export interface NumberOptions {
  /**
   * A literal, or an expression for sources that differ. Where it is null, numbers are read as `en`, but a text such as
   * `1.234` or `1,234`, which means another number in each, is refused as `ambiguous-number`; under any other word every
   * text is refused. Default `en`.
   */
  readonly locale?: NumberLocale | Expression<text | null>
  /** Digits kept after the point; more are rounded half away from zero, and a correction `rounded` says so. Default 6. */
  readonly scale?: number
  /**
   * What a number without a percent sign is multiplied by: 100 for a source that writes rates as 0.45. Where it is null,
   * such a number is refused. Default 1.
   */
  readonly bareFactor?: number | Expression<unknown>
}

/** Signs of currencies, each removed where it stands before or after a number. */
const currencySigns = '$€£¥'

/** Digits before the point that a number may have. Longer ones are refused: no column of the kind holds them. */
const integerDigits = 14

const plainNumber = `^-?[0-9]{1,${integerDigits}}([.][0-9]{1,6})?$`

/** Groups of three digits. A zero leads none: `0,123` is a European fraction. */
const grouped = (separator: string) => `[1-9][0-9]{0,2}(${separator}[0-9]{3}){1,3}|[1-9][0-9]?(${separator}[0-9]{3}){4}`
const groupedNumber = {
  en: `^[+-]?([0-9]{1,${integerDigits}}|${grouped(',')})([.][0-9]{1,30})?$`,
  eu: `^[+-]?([0-9]{1,${integerDigits}}|${grouped('[.]')})(,[0-9]{1,30})?$`,
}

/** Texts that both locales read, each as another number. Sought only in texts that are numbers. */
const ambiguousNumber = '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$'

/** Blanks or a currency sign between digits: without them, two numbers would become a third. */
const tornNumber = `[0-9.,]([${currencySigns}]|${spacePattern})+[0-9.,]`
const twoSigns = `[${currencySigns}].*[${currencySigns}]`

/** Blanks inside a number that only set off its thousands. */
const spacedNumber = `^[^0-9.,]*(${grouped(spacePattern)})([.,][0-9]+)?[^0-9.,]*$`

/**
 * A number as people and sheets write it: currency signs, thousands separators, parentheses for negative amounts, a
 * percent sign (45% is 45), the accountant's dash for zero (`$ -`), blanks of every kind around it and between groups of
 * three digits. Everything else fails with `not-a-number`: words, exponents, `NaN`, `Infinity`, digits of other scripts,
 * two numbers in one text, an empty text.
 * Where the text had to be cleaned, a correction `number-format` keeps the original.
 *
 * SQL: one guarded regular expression for plain numbers; only other texts go through the full grammar. Never a cast
 * that could raise an error, and not `pg_input_is_valid`, which takes `NaN`, `1e5` and `0x1F` for numbers.
 */
export function decimal<X extends text | null>(
  x: Expression<X>,
  options: NumberOptions = {},
): Parsed<numeric | NullOf<X>> {
  const given = once(x)
  const input = inDefaultCollation(given)
  const locale = operand(options.locale ?? 'en')
  const scale = options.scale ?? 6
  const canonical = once(canonicalNumber(input, locale))
  const isPercent = sql`position('%' in ${input}) > 0`
  const factor = options.bareFactor ?? 1
  const scaled =
    factor === 1
      ? sql<numeric>`${canonical}::numeric`
      : sql<numeric>`${canonical}::numeric * case when ${isPercent} then 1 else ${operand(factor)} end`
  const isAmbiguous = sql`(${locale} is null and ${canonical} is not null and ${input} ~ ${sql.lit(ambiguousNumber)})`
  const exact = once(sql<numeric>`case when ${isAmbiguous} is not true then ${scaled} end`)
  const value = sql<numeric>`round(${exact}, ${sql.lit(scale)})`
  const original = given.toOperationNode()
  const corrections: readonly Guard[] = [
    {
      code: 'number-format',
      outcome: 'correct',
      when: sql`${exact} is not null and (${canonical} <> btrim(${input}) or ${exact} <> ${canonical}::numeric)`.toOperationNode(),
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
      { code: 'ambiguous-number', fixedCode: true, when: isAmbiguous.toOperationNode() },
      {
        code: 'not-a-number',
        when: sql`${input} is not null and ${exact} is null and ${isAmbiguous} is not true`.toOperationNode(),
      },
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
  const isEnglish = sql`coalesce(${locale}, 'en') = 'en'`
  return sql<text | null>`case
      when ${input} is null then null
      when ${input} ~ ${sql.lit(plainNumber)} and ${isEnglish} then ${input}
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim(${input}, ${spaceLiteral}) then '0'
            when ${isEnglish} and decimal_2.number ~ ${sql.lit(groupedNumber.en)}
              then replace(ltrim(decimal_2.number, '+'), ',', '')
            when ${locale} = 'eu' and decimal_2.number ~ ${sql.lit(groupedNumber.eu)}
              then replace(replace(ltrim(decimal_2.number, '+'), '.', ''), ',', '.')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate(${input}, ${spaceLiteral} || ${sql.lit(currencySigns)}, '') as body) as decimal_1
          where ${input} !~ ${sql.lit(twoSigns)}
            and (${input} !~ ${sql.lit(tornNumber)} or ${input} ~ ${sql.lit(spacedNumber)})
        ) as decimal_2
      )
    end`
}
