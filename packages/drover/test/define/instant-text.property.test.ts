import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Expression, instantFromText, sql } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { type Cell, carry } from './carry.ts'
import { readIso } from './iso-oracle.ts'
import { readClock } from './wall-clock-oracle.ts'

const zone = 'Europe/Berlin'

const two = (max: number) => fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, '0'))
const digits = (least: number, most: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: least, maxLength: most })
/** Years for which every age of time zone data tells the same of the zone. */
const year = fc.integer({ min: 1980, max: 2023 }).map(String)
/** The clocks of the zone are set on the last two. */
const day = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(year, two(13), two(31)).map((parts) => parts.join('-')) },
  fc.constantFrom('2024-02-29', '2023-02-29', '2023-03-26', '2023-10-29'),
)
const anyDay = fc.oneof(
  { weight: 5, arbitrary: day },
  fc.constantFrom('0000-01-01', '0001-01-01', '0202-02-30', '9999-12-31'),
)
const hour = fc.oneof(two(24), fc.constant('02'))
const seconds = fc.oneof(
  fc.constant(''),
  two(60).map((second) => `:${second}`),
  fc.tuple(two(59), digits(0, 11)).map(([second, fraction]) => `:${second}.${fraction}`),
)
const sign = fc.constantFrom('+', '-')
const offset = fc.oneof(
  fc.constantFrom('Z', 'z'),
  fc.tuple(sign, two(16)).map((parts) => parts.join('')),
  fc.tuple(sign, two(15), fc.constantFrom('', ':'), two(60)).map((parts) => parts.join('')),
)
const written = (date: fc.Arbitrary<string>, zoned: fc.Arbitrary<string>) =>
  fc
    .tuple(date, fc.constantFrom('T', 't', ' '), hour, two(60), seconds, zoned)
    .map(([d, t, h, min, s, off]) => `${d}${t}${h}:${min}${s}${off}`)
const shaped = fc.oneof(written(day, fc.constant('')), written(anyDay, offset))
/** One character taken out, put in or replaced. */
const damaged = fc
  .tuple(
    shaped,
    fc.nat(30),
    fc.nat(1),
    fc.constantFrom('', ' ', '0', '9', '-', ':', '.', 'Z', '\n', '٣', '\u200b', 'T'),
  )
  .map(([text, at, removed, put]) => text.slice(0, at) + put + text.slice(at + removed))
const anyText = fc
  .string({ unit: 'binary', maxLength: 20 })
  .filter((text) => text.isWellFormed() && !text.includes('\0'))
const text = fc.oneof({ weight: 12, arbitrary: shaped }, { weight: 4, arbitrary: damaged }, anyText)

test('a text is the instant that JavaScript reads in it, or it is guarded', async () => {
  const database = await createDatabase()
  const seed = Date.now()
  const texts = fc.sample(text, { numRuns: 3_000, seed }).filter((each) => !isLocalElsewhen(each))
  const epoch = (at: Expression<unknown>): Cell => ['int8', sql`(extract(epoch from ${at}) * 1000000)::int8`]
  const rows = await carry(
    database,
    { x: 'text' },
    texts.map((x) => ({ x })),
    ({ x }) => ({
      bare: epoch(instantFromText(x!).orNull()),
      earlier: epoch(instantFromText(x!, { zone, overlap: 'earlier' }).orNull()),
      later: epoch(instantFromText(x!, { zone }).orNull()),
      strict: epoch(instantFromText(x!, { zone, gap: 'refuse', overlap: 'refuse' }).orNull()),
    }),
  )
  const found = rows.map(({ values, corrections, notes }) => ({
    values,
    guards: [...corrections.map((line) => line.split(' ').slice(0, 2).join(' ')), ...notes].sort(),
  }))
  const expected = texts.map(expectedOf)
  const differences = texts.flatMap((each, i) =>
    JSON.stringify(found[i]) === JSON.stringify(expected[i]) ? [] : [{ text: each, found: found[i], as: expected[i] }],
  )
  expect(differences, `seed ${seed}`).toEqual([])
  const guards = new Set(found.flatMap((row) => row.guards))
  expect([...guards].map((guard) => guard.split(' ')[1])).toEqual(
    expect.arrayContaining(['ambiguous-time', 'cut-off', 'no-zone', 'not-an-instant', 'skipped-time']),
  )
})

function expectedOf(text: string) {
  const parts = readIso(text)
  const columns = ['bare', 'earlier', 'later', 'strict'] as const
  if (parts === undefined) {
    return {
      values: { bare: null, earlier: null, later: null, strict: null },
      guards: columns.map((column) => `${column} not-an-instant`),
    }
  }
  const exactly = (ms: number) => String(BigInt(ms) * 1_000n + BigInt(parts.microseconds))
  const withCutOff = (values: Readonly<Record<(typeof columns)[number], string | null>>, ...guards: string[]) => ({
    values,
    guards: [
      ...guards,
      ...columns.filter((column) => parts.isCutOff && values[column] !== null).map((column) => `${column} cut-off`),
    ].sort(),
  })
  if (parts.offsetMinutes !== undefined) {
    const at = exactly(parts.shownMs - parts.offsetMinutes * 60_000)
    return withCutOff({ bare: at, earlier: at, later: at, strict: at })
  }
  const reading = readClock(parts.shownMs, zone)
  if (reading.kind === 'once') {
    const at = exactly(reading.at)
    return withCutOff({ bare: null, earlier: at, later: at, strict: at }, 'bare no-zone')
  }
  const [earlier, later] = reading.kind === 'twice' ? [reading.earlier, reading.later] : [reading.at, reading.at]
  const code = reading.kind === 'twice' ? 'ambiguous-time' : 'skipped-time'
  return withCutOff(
    { bare: null, earlier: exactly(earlier), later: exactly(later), strict: null },
    ...['bare no-zone', ...columns.slice(1).map((column) => `${column} ${code}`)],
  )
}

/** A damaged year without an offset may be one for which the sources of zone data differ. */
function isLocalElsewhen(text: string): boolean {
  const parts = readIso(text)
  if (parts === undefined || parts.offsetMinutes !== undefined) return false
  const year = new Date(parts.shownMs).getUTCFullYear()
  return year < 1980 || year > 2024
}
