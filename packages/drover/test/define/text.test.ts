import fc from 'fast-check'
import { expect, test } from 'vitest'
import { blankToNull, fold, lowerTrim, matching, squish, trim } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()

async function convert(texts: readonly (string | null)[]) {
  const rows = await carry(
    database,
    { x: 'text' },
    texts.map((x) => ({ x })),
    ({ x }) => ({
      squished: ['text', squish(x!)],
      trimmed: ['text', trim(x!)],
      folded: ['text', fold(x!)],
      lowered: ['text', lowerTrim(x!)],
      present: ['text', blankToNull(x!)],
    }),
  )
  return rows.map((row) => row.values!)
}

/** Unicode's White_Space and the invisible blanks, written as a JavaScript class: `\s` lacks some of them. */
const blanks = '[\\t-\\r \\u0085\\u00A0\\u1680\\u2000-\\u200B\\u2028\\u2029\\u202F\\u205F\\u2060\\u3000\\uFEFF]'
const atEnds = new RegExp(`^${blanks}+|${blanks}+$`, 'g')
const runs = new RegExp(`${blanks}+`, 'g')

test('blanks of every kind are blanks', async () => {
  const points = [...range(0x09, 0x0d), 0x20, 0x85, 0xa0, 0x1680, ...range(0x2000, 0x200b), 0x2028, 0x2029, 0x202f]
  points.push(0x205f, 0x2060, 0x3000, 0xfeff)
  for (const [i, row] of (
    await convert(points.map((point) => `${at(point)}a${at(point)}${at(point)}b${at(point)}`))
  ).entries()) {
    const point = points[i]!
    expect([point, row.squished, row.trimmed]).toEqual([point, 'a b', `a${at(point)}${at(point)}b`])
  }
  const alone = await convert(points.map(at))
  expect(alone.map((row) => row.present)).toEqual(points.map(() => null))
  expect(alone.map((row) => row.squished)).toEqual(points.map(() => ''))
})

test('characters that only look empty, or steer the direction, stay', async () => {
  // Zero-width non-joiner and joiner mean something in Persian and in emoji; bidi marks are the text's own.
  const kept = ['\u200c', '\u200d', '\u200e', '\u202e', '\u2066', '\u00ad', '\u180e', '\u3164', '\ufffd']
  const rows = await convert(kept.map((char) => ` a${char} `))
  expect(rows.map((row) => row.squished)).toEqual(kept.map((char) => `a${char}`))
  expect((await convert(kept)).map((row) => row.present)).toEqual(kept)
})

test('null stays null, and the empty text stays empty but where blanks become null', async () => {
  const [none, empty] = await convert([null, ''])
  expect(none).toEqual({ squished: null, trimmed: null, folded: null, lowered: null, present: null })
  expect(empty).toEqual({ squished: '', trimmed: '', folded: '', lowered: '', present: null })
})

test('two spellings of one name fold to one text', async () => {
  const names: readonly (readonly [string, string])[] = [
    ['Zoë', 'ZOE\u0308'],
    ['Ångström', '\u212bngstro\u0308m'],
    ['ﬁlling', 'Filling'],
    ['Ｄｒ． Ａ', 'dr. a'],
    ['K\u00a0 elvin', '\u212a elvin'],
    ['ÉCOLE', 'école'],
    ['ПРИВЕТ', 'привет'],
    ['① Praxis', '1 praxis'],
  ]
  const left = await convert(names.map(([one]) => one))
  const right = await convert(names.map(([, other]) => other))
  expect(left.map((row) => row.folded)).toEqual(right.map((row) => row.folded))
  expect(left.map((row) => row.lowered === null)).toEqual(names.map(() => false))
  const [mail] = await convert(['\u00a0 Info@ＥＸＡＭＰＬＥ.com\u200b'])
  expect(mail!.lowered).toBe('info@example.com')
})

test('blankToNull and trim change nothing else', async () => {
  const texts = ['  a  b ', "o'brien", 'back\\slash', '$1', '%s', '👩‍👩‍👧 ', 'x'.repeat(300_000)]
  const rows = await convert(texts)
  expect(rows.map((row) => row.present)).toEqual(texts)
  expect(rows.map((row) => row.trimmed)).toEqual(texts.map((text) => text.replace(atEnds, '')))
  expect(rows.at(-1)!.squished).toHaveLength(300_000)
})

test('squish and trim do what the list of blanks says, for any text', async () => {
  const char = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(' ', '\u00a0', '\u2003', '\u200b', '\n', '\u3000', 'a', 'B', '\\', "'") },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  )
  const seed = Date.now()
  const texts = fc
    .sample(
      fc.array(char, { maxLength: 9 }).map((chars) => chars.join('')),
      { numRuns: 800, seed },
    )
    .filter((text) => text.isWellFormed() && !text.includes('\0'))
  const rows = await convert(texts)
  const expected = texts.map((text) => text.replace(atEnds, ''))
  expect(
    rows.map((row) => row.trimmed),
    `seed ${seed}`,
  ).toEqual(expected)
  expect(
    rows.map((row) => row.squished),
    `seed ${seed}`,
  ).toEqual(expected.map((text) => text.replace(runs, ' ')))
})

test('a text that must match a pattern', async () => {
  const texts = ['A-1', 'a-1', ' A-1', 'A-1\n', '', null, 'A-1\nA-2']
  const rows = await carry(
    database,
    { x: 'text' },
    texts.map((x) => ({ x })),
    ({ x }) => ({ code: ['text', matching(x!, '^[A-Z]-[0-9]$').orQuarantine()] }),
  )
  expect(rows.map((row) => row.values?.code)).toEqual([
    'A-1',
    undefined,
    undefined,
    undefined,
    undefined,
    null,
    undefined,
  ])
  const isRefused = (text: string | null) => text !== null && text !== 'A-1'
  expect(rows.map((row) => row.quarantine)).toEqual(texts.map((text) => (isRefused(text) ? ['malformed'] : [])))
})

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function at(point: number): string {
  return String.fromCodePoint(point)
}
