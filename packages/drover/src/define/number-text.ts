import { type AliasableExpression, type Expression, sql } from 'kysely'
import type { Guard } from '../sql/annotation.ts'
import { escapedLiteral, escapedPattern, inDefaultCollation, spaceLiteral, spacePattern } from './characters.ts'
import { type Failure, once, operand } from './guard.ts'
import type { numeric, text } from './sql-types.ts'

/** How a source writes numbers: `en` 1,234.50 · `eu` 1.234,50 · `ch` 1'234.50. */
export type NumberLocale = 'en' | 'eu' | 'ch'

/** How numbers stand in the text. */
export interface NumberTextOptions {
  /**
   * A literal, or an expression for sources that differ. Where it is null, numbers are read as `en`, but a text such as
   * `1.234` or `1,234`, which means another number in `eu`, is refused as `ambiguous-number`; under any other word every
   * text is refused. Default `en`.
   */
  readonly locale?: NumberLocale | Expression<text | null>
  /**
   * What a number without a percent sign is multiplied by: 100 for a source that writes rates as 0.45. Where it is null,
   * such a number is refused. Default 1.
   */
  readonly bareFactor?: number | Expression<unknown>
}

/** Signs of currencies, each removed where it stands before or after a number. */
const currencySigns = '$€£¥'
const anySign = escapedPattern(`[${currencySigns}]`)

/** Marks that set off thousands in Switzerland, as they are typed and as they are set. */
const apostrophes = `'\u2019`
const anyApostrophe = escapedPattern(apostrophes)

/** Digits before the point that the grammar reads: more than any column holds, few enough for a cast. */
const integerDigits = 39

/**
 * What most texts are: read without the grammar, where they are short enough for it. Without bounds the expression is
 * matched in a third of the time.
 */
const plainNumber = '^-?[0-9]+([.][0-9]+)?$'
const plainLength = 30

/** Of the others most: thousands set off by commas, one sign of a currency ahead. */
const usualNumber = `^-?${anySign}?([0-9]+|[1-9][0-9]?[0-9]?(,[0-9][0-9][0-9])+)([.][0-9]+)?$`

/** Groups of three digits. A zero leads none: `0,123` is a European fraction. */
const grouped = (separator: string) => `[1-9][0-9]{0,2}(${separator}[0-9]{3}){1,${integerDigits / 3 - 1}}`
const groupedNumber = {
  en: `^[+-]?([0-9]{1,${integerDigits}}|${grouped(',')})([.][0-9]{1,30})?$`,
  eu: `^[+-]?([0-9]{1,${integerDigits}}|${grouped('[.]')})(,[0-9]{1,30})?$`,
  ch: `^[+-]?([0-9]{1,${integerDigits}}|${grouped(`[${anyApostrophe}]`)})([.][0-9]{1,30})?$`,
}

/** Texts that `en` and `eu` read, each as another number. Sought only in texts that are numbers. */
const ambiguousNumber = '^[^0-9.,]*[1-9][0-9]{0,2}[.,][0-9]{3}[^0-9.,]*$'

/** Blanks or a currency sign between digits: without them, two numbers would become a third. */
const tornNumber = `[0-9.,${anyApostrophe}](${anySign}|${spacePattern})+[0-9.,${anyApostrophe}]`
const twoSigns = `${anySign}.*${anySign}`

/** Blanks inside a number that only set off its thousands. */
const spacedNumber = `^[^0-9.,]*(${grouped(spacePattern)})([.,][0-9]+)?[^0-9.,]*$`

/** A text read as a number. */
export interface NumberReading {
  readonly input: AliasableExpression<unknown>
  /** The number with all its digits; null where there is none, or where it could be either of two. */
  readonly exact: AliasableExpression<numeric>
  /** `ambiguous-number` and `not-a-number`. */
  readonly failures: readonly Failure[]
  /** `number-format`: the text had to be cleaned, for a number of which `isTaken` holds. */
  readonly cleaned: (isTaken: Expression<unknown>) => Guard
}

/** Reads a text by the grammar that {@link decimal} documents. Never raises an error. */
export function readNumber(x: Expression<unknown>, options: NumberTextOptions): NumberReading {
  const given = once(x)
  const input = inDefaultCollation(given)
  const locale = operand(options.locale ?? 'en')
  const canonical = once(canonicalNumber(input, locale))
  const isPercent = sql`position('%' in ${input}) > 0`
  const factor = options.bareFactor ?? 1
  const scaled =
    factor === 1
      ? sql<numeric>`${canonical}::numeric`
      : sql<numeric>`${canonical}::numeric * case when ${isPercent} then 1 else (${operand(factor)})::numeric end`
  const isAmbiguous = sql`(${locale} is null and ${canonical} is not null and ${input} ~ ${sql.lit(ambiguousNumber)})`
  const exact = once(sql<numeric>`case when ${isAmbiguous} is not true then ${scaled} end`)
  return {
    input: given,
    exact,
    failures: [
      { code: 'ambiguous-number', fixedCode: true, when: isAmbiguous.toOperationNode() },
      {
        code: 'not-a-number',
        when: sql`${input} is not null and ${exact} is null and ${isAmbiguous} is not true`.toOperationNode(),
      },
    ],
    cleaned: (isTaken) => ({
      code: 'number-format',
      outcome: 'correct',
      when: sql`(${canonical} <> btrim(${input})${factor === 1 ? sql`` : sql` or ${exact} <> ${canonical}::numeric`}) and ${isTaken}`.toOperationNode(),
      original: given.toOperationNode(),
    }),
  }
}

/**
 * The text that PostgreSQL reads as the number, or null where there is none. A scalar subquery: only texts that are no
 * plain number pay for the grammar.
 */
function canonicalNumber(input: Expression<unknown>, locale: Expression<unknown>): Expression<text | null> {
  const isEnglish = sql`coalesce(${locale}, 'en') = 'en'`
  const digits = sql`ltrim(decimal_2.number, '+')`
  return sql<text | null>`case
      when ${input} is null then null
      when length(${input}) <= ${sql.lit(plainLength)} and ${input} ~ ${sql.lit(plainNumber)} and ${isEnglish} then ${input}
      when length(${input}) <= ${sql.lit(plainLength)} and ${input} ~ ${sql.lit(usualNumber)} and ${isEnglish} then translate(${input}, ${escapedLiteral(`,${currencySigns}`)}, '')
      else (
        select case
            when decimal_2.body = '-' and decimal_2.body <> btrim(${input}, ${spaceLiteral}) then '0'
            when ${isEnglish} and decimal_2.number ~ ${sql.lit(groupedNumber.en)} then replace(${digits}, ',', '')
            when ${locale} = 'eu' and decimal_2.number ~ ${sql.lit(groupedNumber.eu)}
              then replace(replace(${digits}, '.', ''), ',', '.')
            when ${locale} = 'ch' and decimal_2.number ~ ${sql.lit(groupedNumber.ch)}
              then translate(${digits}, ${escapedLiteral(apostrophes)}, '')
          end
        from (
          select body, regexp_replace(case when body like '(%)' then '-' || substr(body, 2, length(body) - 2) else body end, '%$', '') as number
          from (select translate(${input}, ${spaceLiteral} || ${escapedLiteral(currencySigns)}, '') as body) as decimal_1
          where ${input} !~ ${sql.lit(twoSigns)}
            and (${input} !~ ${sql.lit(tornNumber)} or ${input} ~ ${sql.lit(spacedNumber)})
        ) as decimal_2
      )
    end`
}
