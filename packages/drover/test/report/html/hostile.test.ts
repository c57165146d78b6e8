import fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderHtml } from '../../../src/report/render-html.ts'
import type { MaskedRow } from '../../../src/report/report.ts'
import { sample } from '../sample.ts'
import { withTexts } from './hostile.ts'
import { readStrictly } from './strict-html.ts'

test.each([
  ['markup', `<script>alert(1)</script><img src=x onerror="alert(1)">`],
  ['marks of attributes', `" onclick="alert(1)" x='y`],
  ['the end of the style sheet and of the script', '</style></script></title><!-- ]]>'],
  ['entities', '&lt;b&gt; &amp;amp; &#60;b>'],
])('%s in every text of the report stays text', (_, text) => {
  const { complaints, elements, text: read } = readStrictly(renderHtml(withTexts(sample, () => text)))
  expect(complaints).toEqual([])
  expect(read.split(text).length).toBeGreaterThan(150)
  expect(elements.filter(({ name }) => name === 'script')).toHaveLength(1)
  expect(elements.map(({ name }) => name)).not.toContain('img')
})

test('marks that turn a line around, and what is not seen, are shown by their number', () => {
  const page = renderHtml(withTexts(sample, () => 'a\u202ereversed\u2066\u0000\u200b'))
  expect(page).not.toMatch(/[\u202e\u2066\u200b]|\0/)
  expect(page.split('⟨U+202E⟩').length).toBeGreaterThan(150)
})

test('a text that runs from right to left stays in its place', () => {
  const page = renderHtml(withTexts(sample, () => 'שלום עולם'))
  expect(page).toMatch(/unicode-bidi: isolate/)
  expect(readStrictly(page).complaints).toEqual([])
})

test('empty texts leave no hole: names say that they are empty', () => {
  const { complaints, text } = readStrictly(renderHtml(withTexts(sample, () => '')))
  expect(complaints).toEqual([])
  expect(text).toContain('Run 7 of empty')
})

test('words of 10 kB are cut, and say how long they were', () => {
  const page = renderHtml(withTexts(sample, () => 'x'.repeat(10_000)))
  expect(Buffer.byteLength(page)).toBeLessThan(2_000_000)
  expect(page).toContain('(10,000 characters)')
  expect(readStrictly(page).complaints).toEqual([])
})

test('a column may be called as something that every object has', () => {
  const [group] = sample.quarantine
  const rows: readonly MaskedRow[] = [
    { key: 'k1', values: { toString: 'aaa' } },
    { key: 'k2', values: { other: '999' } },
  ]
  const { text } = readStrictly(renderHtml({ ...sample, quarantine: [{ ...group!, sample: rows }] }))
  expect(text).toContain('k1aaanull')
  expect(text).toContain('k2null999')
})

test('no text at all breaks the page', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { minLength: 1 }), (texts) => {
      let i = 0
      const page = renderHtml(withTexts(sample, () => texts[i++ % texts.length]!))
      const { complaints, text } = readStrictly(page)
      expect(complaints).toEqual([])
      expect(text).not.toMatch(/[\p{Cf}\0\p{Zl}\p{Zp}]/u)
    }),
    { numRuns: 30 },
  )
})
