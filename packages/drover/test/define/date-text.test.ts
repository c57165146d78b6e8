import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DateTextOptions, dateFromText, isoDate, sql } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()
const orders = ['mdy', 'dmy', 'ymd'] as const

/** The dates that the texts are in each order. The guard must tell of every text that became null. */
async function read(texts: readonly (string | null)[], twoDigitYearsFrom?: number) {
  const optionsOf = (order: DateTextOptions['order']) =>
    twoDigitYearsFrom === undefined ? { order } : { order, twoDigitYearsFrom }
  const rows = await carry(
    database,
    { x: 'text' },
    texts.map((x) => ({ x })),
    ({ x }) => ({
      iso: ['date', isoDate(x!).orNull()],
      ...Object.fromEntries(orders.map((order) => [order, ['date', dateFromText(x!, optionsOf(order)).orNull()]])),
    }),
  )
  for (const [i, { values, corrections }] of rows.entries()) {
    const refused = Object.keys(values!).filter((column) => values![column] === null)
    const expected = refused.map((column) => `${column} not-a-date ${texts[i]}`).sort()
    expect(corrections, String(texts[i])).toEqual(texts[i] === null ? [] : expected)
  }
  return rows.map((row) => row.values!)
}

test('one text is another day in each order, or none', async () => {
  const cases: readonly (readonly [text: string | null, ...days: (string | null)[]])[] = [
    ['5/31/2025', '2025-05-31', null, null],
    ['31.5.2025', null, '2025-05-31', null],
    ['2025/05/31', null, null, '2025-05-31'],
    ['2025-5-1', null, null, '2025-05-01'],
    ['20250531', null, null, '2025-05-31'],
    ['01/02/2025', '2025-01-02', '2025-02-01', null],
    ['1-2-2025', '2025-01-02', '2025-02-01', null],
    ['02.29.2024', '2024-02-29', null, null],
    ['2.29.2023', null, null, null],
    ['29/2/1900', null, null, null],
    ['29/2/2000', null, '2000-02-29', null],
    ['12/31/9999', '9999-12-31', null, null],
    ['1/1/0001', '0001-01-01', '0001-01-01', null],
    ['1/1/0000', null, null, null],
    ['20250229', null, null, null],
    [null, null, null, null],
  ]
  const rows = await read(cases.map(([text]) => text))
  expect(rows.map((row) => orders.map((order) => row[order]))).toEqual(cases.map(([, ...days]) => days))
})

test('everything else is refused in every order, also where years may have two digits', async () => {
  const texts = [
    ...['', ' ', '5/31', '5/31/20255', '5/31/025', '5/31/5', '005/31/2025', '5/031/2025', '5/31-2025', '5.31/2025'],
    ...['5//31/2025', '/5/31/2025', '5/31/2025/', ' 5/31/2025', '5/31/2025 ', '5/31/2025\n', '5 / 31 / 2025'],
    ...['0/1/2025', '1/0/2025', '0/0/2025', '13/13/2025', '32/32/2025', '2025/13/01', '2025/00/01', '2025/01/00'],
    ...['٥/٣١/٢٠٢٥', '５/31/2025', '5∕31∕2025', '5‐31‐2025', '5/31/2025 00:00', '5/31/2025T00:00', 'May 31, 2025'],
    ...['31-May-2025', '2025-W22', '2025-151', '-1/1/2025', '+1/1/2025', '1/1/-2025', '1/1/2025 BC', '2025121'],
    ...['202512311', '2025_05_31', '2025 05 31', '45808', '1e3/1/2025', '0x5/1/2025', 'today', 'epoch', 'infinity'],
    ...['NaN', '1/1/1\\', "1/1/2025'; drop table inputs.carry_1; --", '1/1/2025\u200b', '\ufeff1/1/2025', 'NULL'],
  ]
  for (const rows of [await read(texts), await read(texts, 1950)]) {
    expect(texts.filter((_, i) => Object.values(rows[i]!).some((day) => day !== null))).toEqual([])
  }
})

test('a year of two digits is one of the hundred that the author names', async () => {
  const years: Readonly<Record<number, Readonly<Record<string, string>>>> = {
    1: { '01': '0001', '00': '0100', '99': '0099' },
    1950: { '49': '2049', '50': '1950', '00': '2000', '99': '1999', '0049': '0049' },
    1999: { '99': '1999', '98': '2098' },
    2000: { '00': '2000', '99': '2099', '1999': '1999' },
    9900: { '00': '9900', '99': '9999' },
  }
  const texts = [...new Set(Object.values(years).flatMap((known) => Object.keys(known)))]
  const rows = await carry(
    database,
    { x: 'text' },
    texts.map((x) => ({ x })),
    ({ x }) =>
      Object.fromEntries(
        Object.keys(years).flatMap((from) =>
          orders.map((order) => {
            const text = {
              mdy: sql<string>`'2/28/' || ${x}`,
              dmy: sql<string>`'28.2.' || ${x}`,
              ymd: sql<string>`${x} || '-02-28'`,
            }
            const options = { order, twoDigitYearsFrom: Number(from) }
            return [`${order} from ${from}`, ['date', dateFromText(text[order], options).orNull()]]
          }),
        ),
      ),
  )
  for (const [from, known] of Object.entries(years)) {
    for (const [text, year] of Object.entries(known)) {
      const { values } = rows[texts.indexOf(text)]!
      const found = orders.map((order) => values![`${order} from ${from}`])
      expect(found, `${text} from ${from}`).toEqual(Array(3).fill(`${year}-02-28`))
    }
  }
  // Whether a year has a leap day is for the whole year to say.
  const leapDays = await read(['2/29/00', '2/29/01', '2/29/68'], 1969)
  expect(leapDays.map((row) => row.mdy)).toEqual(['2000-02-29', null, '2068-02-29'])
})

test('the hundred years must be years that a date of four digits can have', () => {
  for (const twoDigitYearsFrom of [0, -1, 9901, 1950.5, Number.NaN]) {
    expect(() => dateFromText(sql<string>`x`, { order: 'mdy', twoDigitYearsFrom })).toThrow(/twoDigitYearsFrom/)
  }
})

test('any text is the date that JavaScript reads in it, or it is guarded', async () => {
  const number = fc.oneof(
    fc.integer({ min: 0, max: 33 }).map(String),
    fc.integer({ min: 0, max: 33 }).map((day) => String(day).padStart(2, '0')),
    fc.constantFrom('2024', '1900', '2000', '2025', '0000', '9999', '02', '2', '29', '30', '31', '12', '99', '1', ''),
  )
  const separator = fc.constantFrom('/', '.', '-')
  const dated = fc.tuple(number, separator, number, number).map(([a, by, b, c]) => [a, b, c].join(by))
  const part = fc.oneof(number, separator, fc.constantFrom('20240229', ' ', '\n', 'T', '٣', '-', 'x'))
  const jumbled = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''))
  const anyText = fc.string({ unit: 'binary', maxLength: 10 })
  const day = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  const written = day.map((at) => at.toISOString().slice(0, 10))
  const text = fc.oneof({ weight: 6, arbitrary: dated }, jumbled, anyText, written)
  const seed = Date.now()
  const texts = fc.sample(text, { numRuns: 2_500, seed }).filter((each) => each.isWellFormed() && !each.includes('\0'))
  for (const from of [undefined, 1967]) {
    const rows = await read(texts, from)
    const expected = texts.map((each) => ({
      iso: /^\d{4}-\d\d-\d\d$/.test(each) ? dayIn(each, 'ymd', undefined) : null,
      ...Object.fromEntries(orders.map((order) => [order, dayIn(each, order, from)])),
    }))
    const differences = texts.flatMap((each, i) =>
      JSON.stringify(rows[i]) === JSON.stringify(expected[i]) ? [] : { text: each, found: rows[i], as: expected[i] },
    )
    expect(differences, `seed ${seed}`).toEqual([])
    for (const order of orders) expect(rows.filter((row) => row[order] !== null).length).toBeGreaterThan(20)
  }
})

/** By the documentation, with numbers instead of texts. */
function dayIn(text: string, order: DateTextOptions['order'], from: number | undefined): string | null {
  const isDigits = (part: string, ...lengths: number[]) =>
    lengths.includes(part.length) && [...part].every((char) => '0' <= char && char <= '9')
  const isCompact = order === 'ymd' && isDigits(text, 8)
  const separator = ['/', '.', '-'].find((each) => text.split(each).length === 3)
  if (separator === undefined && !isCompact) return null
  const parts = isCompact ? [text.slice(0, 4), text.slice(4, 6), text.slice(6)] : text.split(separator!)
  const [year, month, day] = ['y', 'm', 'd'].map((name) => parts[order.indexOf(name)]!) as [string, string, string]
  if (!isDigits(year, 4, ...(from === undefined ? [] : [2])) || ![month, day].every((part) => isDigits(part, 1, 2))) {
    return null
  }
  const years = Array.from({ length: 100 }, (_, i) => (from ?? 0) + i)
  const fullYear = year.length === 2 ? years.find((each) => each % 100 === Number(year))! : Number(year)
  const time = new Date(0)
  time.setUTCFullYear(fullYear, Number(month) - 1, Number(day))
  const isReal = fullYear > 0 && time.getUTCMonth() === Number(month) - 1 && time.getUTCDate() === Number(day)
  return isReal ? time.toISOString().slice(0, 10) : null
}
