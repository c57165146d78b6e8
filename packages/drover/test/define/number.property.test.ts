import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, type Expression, integer, money, percent, sql } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { type Carried, carry } from './carry.ts'
import { type Locale, type Reading, readExactly, readNumber, roundTo } from './number-oracle.ts'

const blank = fc.constantFrom('', '', '', ' ', '\u00a0', '\u2009', '\u200b', '\t', '  ')
const currency = fc.constantFrom('', '', '$', '€', '£')
const sign = fc.constantFrom('', '', '-', '+', '−')
const digits = (least: number, most: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: least, maxLength: most }).map((all) => all.join(''))
const groups = fc
  .tuple(
    digits(1, 3),
    fc.array(digits(3, 3), { maxLength: 5 }),
    fc.constantFrom(',', '.', ' ', '\u202f', "'", '’', ', ', "' ", " '", "'€"),
  )
  .map(([head, tail, separator]) => [head, ...tail].join(separator))
const fraction = fc.oneof(
  fc.constant(''),
  fc.tuple(fc.constantFrom('.', ','), digits(0, 9)).map(([point, places]) => point + places),
)
/** Near numbers: every part in its place, but not every combination means something. */
const shaped = fc
  .tuple(blank, fc.constantFrom('', '', '', '('), sign, blank, currency, blank, fc.oneof(digits(1, 16), groups))
  .chain((start) =>
    fc
      .tuple(fraction, blank, fc.constantFrom('', '', '%'), currency, fc.constantFrom('', '', '', ')'), blank)
      .map((end) => [...start, ...end].join('')),
  )
/** Parts of numbers in any order. */
const jumbled = fc
  .array(
    fc.constantFrom(
      '1',
      '23',
      '456',
      '0',
      '.',
      ',',
      '-',
      '+',
      '(',
      ')',
      '%',
      '$',
      '€',
      ' ',
      '\u00a0',
      "'",
      '’',
      'e',
      'x',
    ),
    {
      maxLength: 7,
    },
  )
  .map((parts) => parts.join(''))
const anyText = fc
  .string({ unit: 'binary', maxLength: 12 })
  .filter((text) => !text.includes('\0') && text.isWellFormed())
const text = fc.oneof(
  { weight: 5, arbitrary: shaped },
  { weight: 4, arbitrary: jumbled },
  { weight: 1, arbitrary: anyText },
)

/** What the database made of a text, in the oracle's words. */
function readCarried(row: Carried, column: string): Reading {
  const codes = codesOf(row, column)
  const value = row.values![column]
  if (codes.includes('ambiguous-number')) return { kind: 'ambiguous' }
  if (codes.includes('not-a-number')) return { kind: 'refused' }
  if (codes.includes('out-of-range')) return { kind: 'too-large' }
  if (value == null) throw new Error(`null without a guard: ${JSON.stringify(row)}`)
  return { kind: 'number', units: BigInt(value.replace('.', '')), isRounded: codes.includes('rounded') }
}

function codesOf(row: Carried, column: string): readonly string[] {
  return row.corrections.filter((line) => line.startsWith(`${column} `)).map((line) => line.split(' ')[1]!)
}

const database = await createDatabase()

/** Carries generated texts through conversions, and expects of each column what its oracle says. */
async function compare(
  columns: (x: Expression<string>) => Readonly<Record<string, Expression<unknown>>>,
  oracles: Readonly<Record<string, (text: string) => unknown>>,
  read: (row: Carried, column: string) => unknown = readCarried,
) {
  const seed = Date.now()
  const texts = [...new Set(fc.sample(text, { numRuns: 2_000, seed }))]
  const rows = await carry(
    database,
    { x: 'text' },
    texts.map((x) => ({ x })),
    ({ x }) => Object.fromEntries(Object.entries(columns(x!)).map(([name, value]) => [name, ['numeric', value]])),
  )
  for (const [column, oracle] of Object.entries(oracles)) {
    const expected = texts.map(oracle)
    const found = rows.map((row) => read(row, column))
    const differences = texts.flatMap((text, i) =>
      isDeepStrictEqual(found[i], expected[i]) ? [] : { text, found: found[i], expected: expected[i] },
    )
    expect(differences, `${column}, seed ${seed}`).toEqual([])
  }
  return texts
}

test('a text is the number that the documentation says, or it is guarded', async () => {
  const texts = await compare(
    (x) => ({
      en: decimal(x).orNull(),
      eu: decimal(x, { locale: 'eu' }).orNull(),
      ch: decimal(x, { locale: 'ch' }).orNull(),
      undeclared: decimal(x, { locale: sql<null>`null::text` }).orNull(),
    }),
    {
      en: (text) => readNumber(text, 'en'),
      eu: (text) => readNumber(text, 'eu'),
      ch: (text) => readNumber(text, 'ch'),
      undeclared: (text) => readNumber(text, null),
    },
  )
  const kinds = new Set(texts.map((text) => readNumber(text, null).kind))
  expect([...kinds].sort()).toEqual(['ambiguous', 'number', 'refused', 'too-large'])
})

test('amounts have four digits; rates are points, or become them', async () => {
  await compare(
    (x) => ({
      amount: money(x).orNull(),
      points: percent(x, { bareFactor: 1 }).orNull(),
      european: percent(x, { locale: 'eu' }).orNull(),
      rates: percent(x, { bareFactor: 100 }).orNull(),
    }),
    {
      amount: (text) => readNumber(text, 'en', 4),
      points: (text) => readNumber(text, 'en'),
      european: (text) => readNumber(text, 'eu'),
      rates: (text) => {
        const exact = readExactly(text, 'en')
        if (exact.kind !== 'number' || text.includes('%')) return roundTo(6, exact)
        return roundTo(6, { ...exact, digits: exact.digits * 100n })
      },
    },
  )
})

test('a text is the whole number that the documentation says, or it is guarded', async () => {
  const limits = { int2: 2n ** 15n, int4: 2n ** 31n, int8: 2n ** 63n }
  const wholeIn = (text: string, locale: Locale, type: keyof typeof limits) => {
    const exact = readExactly(text, locale)
    if (exact.kind === 'ambiguous') return 'ambiguous-number'
    if (exact.kind === 'refused') return 'not-a-number'
    const one = 10n ** BigInt(exact.places)
    if (exact.digits % one !== 0n) return 'not-an-integer'
    const whole = exact.digits / one
    return whole >= -limits[type] && whole < limits[type] ? String(whole) : 'out-of-range'
  }
  const texts = await compare(
    (x) => ({
      plain: integer(x).orNull(),
      small: integer(x, { type: 'int2', locale: 'ch' }).orNull(),
      large: integer(x, { type: 'int8', locale: 'eu' }).orNull(),
      undeclared: integer(x, { type: 'int8', locale: sql<null>`null::text` }).orNull(),
    }),
    {
      plain: (text) => wholeIn(text, 'en', 'int4'),
      small: (text) => wholeIn(text, 'ch', 'int2'),
      large: (text) => wholeIn(text, 'eu', 'int8'),
      undeclared: (text) => wholeIn(text, null, 'int8'),
    },
    (row, column) => row.values![column] ?? codesOf(row, column)[0],
  )
  const results = new Set(texts.map((text) => wholeIn(text, null, 'int4')).filter((result) => /^[a-z]/.test(result)))
  expect([...results].sort()).toEqual(['ambiguous-number', 'not-a-number', 'not-an-integer', 'out-of-range'])
})
