import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, sql } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { type Carried, carry } from './carry.ts'
import { type Locale, type Reading, readNumber } from './number-oracle.ts'

const blank = fc.constantFrom('', '', '', ' ', '\u00a0', '\u2009', '\u200b', '\t', '  ')
const currency = fc.constantFrom('', '', '$', '€', '£')
const sign = fc.constantFrom('', '', '-', '+', '−')
const digits = (least: number, most: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: least, maxLength: most }).map((all) => all.join(''))
const groups = fc
  .tuple(digits(1, 3), fc.array(digits(3, 3), { maxLength: 5 }), fc.constantFrom(',', '.', ' ', '\u202f', "'"))
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
  .array(fc.constantFrom('1', '23', '456', '0', '.', ',', '-', '+', '(', ')', '%', '$', '€', ' ', '\u00a0', 'e', 'x'), {
    maxLength: 7,
  })
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
  const codes = row.corrections.filter((line) => line.startsWith(`${column} `)).map((line) => line.split(' ')[1])
  const value = row.values![column]
  if (codes.includes('ambiguous-number')) return { kind: 'ambiguous' }
  if (codes.includes('not-a-number')) return { kind: 'refused' }
  if (codes.includes('out-of-range')) return { kind: 'too-large' }
  if (value == null) throw new Error(`null without a guard: ${JSON.stringify(row)}`)
  return { kind: 'number', millionths: BigInt(value.replace('.', '')), isRounded: codes.includes('rounded') }
}

test('a text is the number that the documentation says, or it is guarded', async () => {
  const database = await createDatabase()
  const seed = Date.now()
  const texts = [...new Set(fc.sample(text, { numRuns: 2_000, seed }))]
  const rows = await carry(
    database,
    { x: 'text' },
    texts.map((x) => ({ x })),
    ({ x }) => ({
      en: ['numeric', decimal(x!).orNull()],
      eu: ['numeric', decimal(x!, { locale: 'eu' }).orNull()],
      undeclared: ['numeric', decimal(x!, { locale: sql<null>`null::text` }).orNull()],
    }),
  )
  const locales: Readonly<Record<string, Locale>> = { en: 'en', eu: 'eu', undeclared: null }
  for (const [column, locale] of Object.entries(locales)) {
    const expected = texts.map((text) => readNumber(text, locale))
    const found = rows.map((row) => readCarried(row, column))
    const differences = texts.flatMap((text, i) =>
      isDeepStrictEqual(found[i], expected[i]) ? [] : { text, found: found[i], expected: expected[i] },
    )
    expect(differences, `${column}, seed ${seed}`).toEqual([])
  }
  const kinds = new Set(texts.map((text) => readNumber(text, null).kind))
  expect([...kinds].sort()).toEqual(['ambiguous', 'number', 'refused', 'too-large'])
})
