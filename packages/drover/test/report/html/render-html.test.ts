import { expect, test } from 'vitest'
import { sections } from '../../../src/report/html/sections.ts'
import { renderHtml } from '../../../src/report/render-html.ts'
import type { Report } from '../../../src/report/report.ts'
import { sample } from '../sample.ts'
import { withTexts } from './hostile.ts'
import { readStrictly } from './strict-html.ts'

const page = renderHtml(sample)
const { text, elements, complaints } = readStrictly(page)

test('the page is well-formed, and every link leads somewhere', () => {
  expect(complaints).toEqual([])
})

test('every section stands on the page once, in order, with its heading, and in the table of contents', () => {
  const ids = elements.filter(({ name }) => name === 'section').map(({ attributes }) => attributes.get('id'))
  expect(ids).toEqual(sections.map(({ id }) => id))
  const links = elements.filter(({ name }) => name === 'a').map(({ attributes }) => attributes.get('href'))
  expect(links).toEqual(expect.arrayContaining(ids.map((id) => `#${id}`)))
})

test('headings go down by one level at a time', () => {
  const levels = elements.filter(({ name }) => /^h\d$/.test(name)).map(({ name }) => Number(name[1]))
  expect(levels.filter((level) => level === 1)).toHaveLength(1)
  for (const [i, level] of levels.entries()) expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1)
})

test('every table has a caption, and every cell of a head its scope', () => {
  const names = elements.map(({ name }) => name)
  for (const [i, { name }] of elements.entries()) if (name === 'table') expect(names[i + 1]).toBe('caption')
  for (const { name, attributes } of elements) if (name === 'th') expect(attributes.get('scope')).toMatch(/^(row|col)$/)
})

test('nothing is loaded from anywhere: no address, no element that has one', () => {
  expect(page).not.toMatch(/<(img|link|iframe|object|embed|base|form|input)\b/)
  for (const { attributes } of elements) expect(attributes.get('href') ?? '#').toMatch(/^#/)
  expect(page).not.toMatch(/url\(|@import/)
})

/** Left to the JSON: the sums of chunks; what stands in words besides; what is as it was before, but for its name. */
const inJsonAlone = /^\.evidence\.segments|\.sqlstate$|^\.rollback\.findings\[0\]\.detail$/

test('every text of the report can be read on the page', () => {
  const marks: string[] = []
  const marked = withTexts(sample, (path) => {
    marks.push(path)
    return `mark${marks.length}.`
  })
  const read = readStrictly(renderHtml(marked)).text
  const missing = marks.filter((path, i) => !read.includes(`mark${i + 1}.`) && !inJsonAlone.test(path))
  expect(missing).toEqual([])
})

test('a report of which nothing is known yet says so, section by section', () => {
  const { complaints, text } = readStrictly(renderHtml(empty))
  expect(complaints).toEqual([])
  expect(text).toContain('No row was set aside.')
  expect(text).toContain('There was no verification: drover verify --run 7.')
  expect(text).not.toMatch(/undefined|NaN|\[object/)
})

test('figures keep every digit, and nothing is shown as code shows it', () => {
  expect(text).toContain('9,007,199,254,739,993')
  expect(text).not.toMatch(/undefined|NaN|\[object|\bnull,/)
})

const empty: Report = {
  ...sample,
  verdict: {
    ...sample.verdict,
    sentences: [],
    criteria: [],
    next: [],
    sourceRows: '0',
    rowsInTarget: '0',
    rowsLeftOut: '0',
  },
  run: { ...sample.run, startedAt: null, finishedAt: null, durationMs: null, state: 'planned' },
  mappings: [],
  courses: [],
  throughput: null,
  rebuilds: [],
  controlTotals: [],
  resources: null,
  processes: [],
  decisions: [],
  quarantine: [],
  corrections: [],
  notes: [],
  merges: [],
  dataQuality: null,
  rehearsal: null,
  comparison: null,
  rollback: null,
  findings: [],
  issues: [],
  hazards: [],
  events: [],
  notChecked: [],
  reproduce: [],
}
