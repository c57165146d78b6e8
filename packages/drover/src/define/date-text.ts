import { type Expression, type RawBuilder, sql } from 'kysely'
import { inDefaultCollation } from './characters.ts'
import { requireWhole } from './demand.ts'
import { type NullOf, once, type Parsed, parsed } from './guard.ts'
import type { date, text } from './sql-types.ts'

/**
 * A date written as ISO 8601, `2025-05-31`. Fails with `not-a-date` for every other text and for days that no calendar has.
 *
 * SQL: a guarded regular expression, then the length of the month; never a cast that could raise an error
 */
export function isoDate<X extends text | null>(x: Expression<X>): Parsed<date | NullOf<X>> {
  const input = once(x)
  return parsedDay(input, once(dayOf(input)))
}

/** How dates stand in the text. */
export interface DateTextOptions {
  /** In which order year, month and day stand: 5/31/2025 is `mdy`, 31.5.2025 is `dmy`, 2025/05/31 is `ymd`. */
  readonly order: 'mdy' | 'dmy' | 'ymd'
  /**
   * The first of the hundred years in which a year of two digits is sought: from 1950 on, 49 is 2049 and 50 is 1950.
   * Default: such a year is refused.
   */
  readonly twoDigitYearsFrom?: number
}

/**
 * A date in figures, in an order that the source declares, because the text does not tell: 01/02/2025 is a day in January
 * or in February. Day and month have one digit or two, the year four; between them stand slashes, dots or hyphens, the
 * same twice. In the order `ymd`, eight digits without separators are a date too. Fails with `not-a-date` for every other
 * text, one with blanks included (see `trim`), and for days that no calendar has.
 *
 * SQL: a guarded regular expression, `split_part(translate(x, '/.', '--'), '-', 1)` and so on, then as `isoDate`
 *
 * @throws DroverError `definition-invalid` where `twoDigitYearsFrom` is no year from 1 to 9900.
 */
export function dateFromText<X extends text | null>(
  x: Expression<X>,
  options: DateTextOptions,
): Parsed<date | NullOf<X>> {
  const { order, twoDigitYearsFrom: from } = options
  if (from !== undefined) requireWhole('dateFromText', 'twoDigitYearsFrom', from, { least: 1, most: 9900 })
  const input = once(x)
  const text = inDefaultCollation(input)
  const fields = {
    y: from === undefined ? '[0-9]{4}' : '(?:[0-9]{4}|[0-9]{2})',
    m: '[0-9]{1,2}',
    d: '[0-9]{1,2}',
  }
  const inOrder = [...order].map((name) => fields[name as keyof typeof fields])
  const shapes = ['/', '[.]', '-'].map((separator) => inOrder.join(separator))
  const isShaped = sql`${text} ~ ${sql.lit(`^(?:${shapes.join('|')})$`)}`
  const field = (name: string) =>
    sql`split_part(translate(${text}, '/.', '--'), '-', ${sql.lit(order.indexOf(name) + 1)})`
  const year = from === undefined ? field('y') : fullYear(field('y'), from)
  const iso = sql`${year} || '-' || lpad(${field('m')}, 2, '0') || '-' || lpad(${field('d')}, 2, '0')`
  const compact = sql`left(${text}, 4) || '-' || substr(${text}, 5, 2) || '-' || right(${text}, 2)`
  const isCompact = order === 'ymd' ? sql` when ${text} ~ '^[0-9]{8}$' then ${compact}` : sql``
  const written = once(sql<text | null>`case when ${isShaped} then ${iso}${isCompact} end`)
  return parsedDay(input, once(dayOf(written)))
}

/** The date of a text such as 2025-05-31; null for every other text, and where no calendar has the day. */
export function dayOf(x: Expression<unknown>): RawBuilder<date | null> {
  const isShaped = sql`${inDefaultCollation(x)} ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left(${x}, 4) <> '0000'`
  const day = sql`right(${x}, 2)::integer`
  const lastOfMonth = sql`extract(day from (left(${x}, 8) || '01')::date + interval '1 month - 1 day')`
  return sql<date | null>`case when ${isShaped} then
      case when ${day} <= 28 or ${day} <= ${lastOfMonth} then ${x}::date end
    end`
}

function fullYear(figures: Expression<unknown>, from: number): Expression<unknown> {
  const inCentury = sql`${sql.lit(from)} + (${figures}::integer + ${sql.lit(100 - (from % 100))}) % 100`
  return sql`case when length(${figures}) = 2 then lpad((${inCentury})::text, 4, '0') else ${figures} end`
}

function parsedDay<X>(input: Expression<X>, value: Expression<date | null>): Parsed<date | NullOf<X>> {
  return parsed({
    input: input.toOperationNode(),
    value: value.toOperationNode(),
    failures: [{ code: 'not-a-date', when: sql`${input} is not null and ${value} is null`.toOperationNode() }],
  })
}
