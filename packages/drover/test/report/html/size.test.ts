import { expect, test } from 'vitest'
import { renderHtml } from '../../../src/report/render-html.ts'
import type { Report } from '../../../src/report/report.ts'
import { sample } from '../sample.ts'
import { withTexts } from './hostile.ts'
import { reportOfCauses, reportOfMappings } from './large.ts'
import { readStrictly } from './strict-html.ts'

/** Renders, and prints what it took. */
function measure(name: string, report: Report): string {
  const begun = performance.now()
  const page = renderHtml(report)
  const ms = performance.now() - begun
  console.log(`${name}: ${Buffer.byteLength(page).toLocaleString('en')} bytes in ${Math.round(ms)} ms`)
  expect(Buffer.byteLength(page)).toBeLessThan(2_000_000)
  expect(readStrictly(page).complaints).toEqual([])
  return page
}

test('1,000 mappings of 10,000 chunks: every mapping with its balance and its strip', () => {
  const page = measure('1,000 mappings x 10,000 chunks', reportOfMappings(1_000))
  expect(page.match(/id="strip-\d+-t"/g)).toHaveLength(1_000)
  const balance = page.slice(page.indexOf('<section id="rows"'), page.indexOf('<section id="control-totals"'))
  expect(balance.match(/<tr><th scope="row">/g)).toHaveLength(1_000)
})

test('10,000 causes of quarantine: the largest, and how many more there are', () => {
  const page = measure('10,000 causes', reportOfCauses(10_000))
  expect(readStrictly(page).text).toMatch(/9,800 more: drover quarantine list --run 7/)
})

test('5,000 findings', () => {
  const findings = Array.from({ length: 1_000 }, (_, i) =>
    sample.findings.map((finding) => ({ ...finding, mapping: `${finding.mapping}_${i}` })),
  )
  measure('5,000 findings', { ...sample, findings: findings.flat() })
})

test('everything at once, and every text of it 10 kB long: no section is missing', () => {
  const all: Report = { ...reportOfMappings(1_000), quarantine: reportOfCauses(2_000).quarantine }
  const word = '<b>'.repeat(3_333)
  const page = measure(
    'words of 10 kB',
    withTexts(all, () => word),
  )
  expect(page).toContain('<h2 id="evidence-title">')
})
