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
