import { sql } from 'drover'
import { expect, test } from 'vitest'
import { compile } from '../../../../packages/drover/src/sql/compile.ts'
import { createDatabase } from '../../../../packages/drover/test/support/postgres.ts'
import { amountInApp, amountOf } from '../../checks/amount.ts'

const empty = createDatabase()

/** The text, the locale of its source, what it means, what the legacy application reads. */
test.each([
  ['$1,234.50', 'en', '1234.50', null],
  [' $ 1,322.35 ', null, '1322.35', null],
  ['-$687.00', 'en', '-687.00', null],
  ['1,234.50', null, '1234.50', '1'],
  ['1.234,50', 'eu', '1234.50', '1.234'],
  ['-5.844,5', 'eu', '-5844.5', '-5.844'],
  ['2925', 'eu', '2925', '2925'],
  ['1.234', 'eu', '1234', '1.234'],
  ['1.234', 'en', '1.234', '1.234'],
  ['1.234', null, null, '1.234'],
  ['1,234', null, null, '1'],
  ['(123.45)', null, '-123.45', null],
  ['($1,234.50)', 'en', '-1234.50', null],
  ['(12', 'en', null, null],
  ['$ -   ', 'en', '0', null],
  ['-', 'en', null, null],
  ['12.5 %', null, '12.5', '12.5'],
  ['\u00a07.25\u00a0', null, '7.25', '7.25'],
  ['1,23', 'en', null, '1'],
  ['.5', 'en', null, '.5'],
  ['1e400', 'en', null, null],
  ['1e2', 'en', null, '100'],
  ['12 apples', 'en', null, '12'],
  ['Infinity', 'en', null, null],
  ['N/A', 'en', null, null],
  ['', 'en', null, null],
])('%j, locale %s, means %s and was shown as %s', async (given, locale, meant, shown) => {
  const amounts = [amountOf(sql`given`, sql`locale`), amountInApp(sql`given`)]
  // The offset keeps PostgreSQL from taking the text for a constant, on which it would try every branch beforehand.
  const query = sql`
    select trim_scale(${amounts[0]})::text as meant, trim_scale(${amounts[1]})::text as shown
    from (select ${sql.lit(given)} as given, ${sql.lit(locale)}::text as locale offset 0) as texts`
  const [row] = await (await empty).query(compile(query.toOperationNode()))
  const plain = (amount: string | null) => amount && String(Number(amount))
  expect(row).toEqual({ meant: plain(meant), shown: plain(shown) })
})
