import fc from 'fast-check'
import { expect, test } from 'vitest'
import { html } from '../../../src/report/html/markup.ts'
import { mostBytes, sections } from '../../../src/report/html/sections.ts'
import { fit, newSpace, shareOf } from '../../../src/report/html/space.ts'
import { renderTable } from '../../../src/report/html/table.ts'

test('what is shown fits, is the beginning, and is counted in bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.nat(200), fc.nat(20), (items, bytes, most) => {
      const space = newSpace(bytes)
      const { shown, more } = fit(space, items, most, (item) => html`${item}`)
      const written = Buffer.byteLength(shown.join(''))
      expect(shown.map(String)).toEqual(items.slice(0, shown.length).map((item) => String(html`${item}`)))
      expect(space.left).toBe(bytes - written)
      expect(space.left).toBeGreaterThanOrEqual(0)
      expect(shown.length + more).toBe(items.length)
      const next = items[shown.length]
      if (next !== undefined && shown.length < most)
        expect(Buffer.byteLength(String(html`${next}`))).toBeGreaterThan(space.left)
    }),
  )
})

test('what is put into a share is taken off the whole, what is not, is not', () => {
  const whole = newSpace(100)
  const share = shareOf(whole, 0.5)
  expect(fit(share, ['a'.repeat(40), 'b'.repeat(40)], 10, (item) => html`${item}`).more).toBe(1)
  expect([share.left, whole.left]).toEqual([10, 60])
})

test('the sections have no more than the page', () => {
  expect(sections.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(mostBytes)
})

test('a table says how many rows it does not show, and where they are', () => {
  const table = (rows: readonly number[], bytes: number) =>
    renderTable({
      caption: 'numbers',
      columns: [{ title: 'number', kind: 'figure', cell: (row) => row }],
      rows,
      space: newSpace(bytes),
      most: 5,
      rest: html`<code>drover report</code>`,
      total: ['1,000'],
    }).toString()
  const more = '<tr><td class="more" colspan="1">1,000 more: <code>drover report</code></td></tr>'
  expect(table([1, 2], 1_000)).not.toContain('more')
  expect(table([1, 2], 1_000)).toContain('<td class="figure">1,000</td>')
  expect(table(Array.from({ length: 1_005 }, Number), 10_000)).toContain(more)
  expect(table(Array.from({ length: 1_000 }, Number), 0)).toContain(more)
})
