import { expect, test } from 'vitest'
import { renderVerification } from '../../src/cli/verification-text.ts'
import type { Finding, Verdict } from '../../src/verify/verification.ts'

const findings = (check: Finding['check'], ...verdicts: readonly Verdict[]): readonly Finding[] =>
  verdicts.map((verdict) => ({ check, mapping: null, verdict, expected: null, actual: null, detail: 'It was so.' }))

test('what was not asked does not look like what failed', () => {
  const text = renderVerification({
    runId: '7',
    verdict: 'fail',
    findings: [
      ...findings('conservation', 'pass', 'pass'),
      ...findings('source rows', 'pass', 'pass', 'not run'),
      ...findings('target rows', 'pass', 'fail', 'not run', 'not run'),
    ],
    notChecked: [],
  })
  const rows = text.split('\n').map((line) => line.trimEnd())
  expect(rows).toContain('conservation  pass     2')
  expect(rows).toContain('source rows   pass     2, 1 not run')
  expect(rows).toContain('target rows   fail     1 of 2, 2 not run')
})

const failing = (query: string): Finding => ({
  check: 'parity',
  mapping: null,
  rule: 'visits per clinic',
  verdict: 'fail',
  expected: 'the same 12 rows',
  actual: '1 row differs',
  detail: 'The answers differ: c1.',
  sample: [{ key: { clinic: 'c1' }, fault: 'visits', source: { visits: '99' }, target: null }],
  query,
})

const textOf = (query: string) =>
  renderVerification({ runId: '7', verdict: 'fail', findings: [failing(query)], notChecked: [] })

test('a finding shows its rule, its counts, a row of it, and the query that shows them all', () => {
  expect(textOf('select 1\nfrom visits')).toContain(
    [
      '  - fail: parity, visits per clinic: The answers differ: c1. Expected the same 12 rows, found 1 row differs.',
      '      clinic c1: visits, visits 99 in the source, no row in the target',
      '    All of them, with their values:',
      '      select 1',
      '      from visits',
    ].join('\n'),
  )
})

test.each([
  ['of many lines', 'select 1\n'.repeat(13)],
  ['with long lines', `select ${'1, '.repeat(100)}`],
])('a query %s does not fill the screen', (_, query) => {
  expect(textOf(query)).toMatch(/All of them, with their values: by the query in drover report, or with --json\.$/)
})
