import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atMost, normalized, sql, squish, stripInvisible, type text } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()

test('a text of at most so many characters, as varchar counts them', async () => {
  const texts = ['', 'abc', 'abcd', 'abc ', '   ', '    ', '👩👩👩', '👩👩👩👩', 'e\u0301e\u0301', 'éé\u200b', null]
  const [rows, [cast]] = await Promise.all([
    carry(
      database,
      { x: 'text' },
      texts.map((x) => ({ x })),
      ({ x }) => ({
        kept: ['varchar(3)', atMost(x!, 3).orNull()],
        cut: ['varchar(3)', atMost(x!, 3).orElse(sql<text>`left(${x}, 3)`, 'cut-off')],
      }),
    ),
    database.query<{ cut: string[] }>('select array(select left(x, 3) from unnest($1::text[]) as x) as cut', [texts]),
  ])
  const isLong = (text: string | null) => [...(text ?? '')].length > 3
  expect(rows.map((row) => row.values!.kept)).toEqual(texts.map((text) => (isLong(text) ? null : text)))
  expect(rows.map((row) => row.values!.cut)).toEqual(cast!.cut)
  expect(rows.map((row) => row.corrections)).toEqual(
    texts.map((text) => (isLong(text) ? [`cut cut-off ${text}`, `kept too-long ${text}`] : [])),
  )
  for (const length of [0, -1, 2.5, Number.NaN, 10_485_761]) {
    expect(() => atMost(sql<text>`x`, length), String(length)).toThrow(/^atMost cannot work with length/)
  }
})

test('the normal forms are those of JavaScript', async () => {
  const letters = [...'aeAßİ\u00e9\u212b\u2126\u1e9b\u1100\u1161\uac00\u11a8\u0e33\u05d0ﬁ①Ｚ㎏²𝒳\ufdfa\u{2f800}']
  const marks = [...'\u0301\u0323\u0307\u030a\u0344\u05b0\u00a8\u200d \u00a0']
  const seed = Date.now()
  const char = fc.constantFrom(...letters, ...marks)
  const texts = fc.sample(
    fc.array(char, { maxLength: 8 }).map((chars) => chars.join('')),
    { numRuns: 800, seed },
  )
  const rows = await carry(
    database,
    { x: 'text' },
    [...texts, null].map((x) => ({ x })),
    ({ x }) => ({ nfc: ['text', normalized(x!, 'NFC')], nfkc: ['text', normalized(x!, 'NFKC')] }),
  )
  const expected = texts.map((text) => ({ nfc: text.normalize('NFC'), nfkc: text.normalize('NFKC') }))
  expect(
    rows.map((row) => row.values),
    `seed ${seed}`,
  ).toEqual([...expected, { nfc: null, nfkc: null }])
})

test('every character is a blank, invisible or neither, as Unicode and the lists say', async () => {
  // Rows of 4096 characters, each character between two that can be seen.
  const rows = Array.from({ length: 0x110 }, (_, row) => charactersFrom(row * 4096, 4096)).filter(
    (chars) => chars.length > 0,
  )
  const found = await carry(
    database,
    { x: 'text' },
    [...rows.map((chars) => ({ x: chars.map((char) => `<${char}>`).join('') })), { x: null }],
    ({ x }) => ({ seen: ['text', stripInvisible(x!)], squished: ['text', squish(x!)] }),
  )
  const isInvisible = /^[\p{Default_Ignorable_Code_Point}\p{Cc}]$/u
  const isBlank = /^[\p{White_Space}\u200b\u2060\ufeff]$/u
  // Zero-width space, word joiner and byte order mark are both: a blank to squish, and nothing to see.
  const isKept = (char: string) => !isInvisible.test(char) || /^[\t-\r\u0085]$/.test(char)
  for (const [i, chars] of rows.entries()) {
    const { seen, squished } = found[i]!.values!
    const first = `from ${chars[0]!.codePointAt(0)!.toString(16)}`
    expect(seen === chars.map((char) => `<${isKept(char) ? char : ''}>`).join(''), first).toBe(true)
    expect(squished === chars.map((char) => `<${isBlank.test(char) ? ' ' : char}>`).join(''), first).toBe(true)
  }
  expect(found.at(-1)!.values).toEqual({ seen: null, squished: null })
})

/** What PostgreSQL can hold of a range of code points: no zero, no halves of surrogate pairs. */
function charactersFrom(first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => String.fromCodePoint(first + i)).filter(
    (char) => char !== '\0' && char.isWellFormed(),
  )
}
