import { expect, test } from 'vitest'
import { headlineOf } from '../../../src/report/html/headline.ts'
import type { Report, ReportVerdict } from '../../../src/report/report.ts'
import { sample } from '../sample.ts'

const balanced = sample.mappings.map((mapping) => ({ ...mapping, state: 'done', balances: true }) as const)

function headline(changes: Partial<Report>, verdict: Partial<ReportVerdict> = {}) {
  const report = { ...sample, rollback: null, mappings: balanced, ...changes }
  return headlineOf({ ...report, verdict: { ...sample.verdict, carriedOut: 'in full', ...verdict } })
}

const accepted = sample.quarantine.map((group) => ({ ...group, accepted: group.rows }))

test('a run that was verified and left nobody to decide upon has passed', () => {
  expect(headline({ quarantine: accepted }, { verification: 'pass' })).toEqual({
    tone: 'pass',
    words: 'Carried out in full and verified',
  })
})

test('rows that wait in quarantine are told in the first line', () => {
  expect(headline({}, { verification: 'pass' })).toEqual({
    tone: 'warn',
    words: 'Carried out in full and verified; 750 rows wait in quarantine',
  })
})

test.each([
  ['warn', 'warn', 'Carried out in full, verified with warnings'],
  ['not run', 'warn', 'Carried out in full, not verified'],
  ['fail', 'fail', 'Carried out in full, but verification failed'],
] as const)('verification: %s', (verification, tone, words) => {
  expect(headline({ quarantine: accepted }, { verification })).toEqual({ tone, words })
})

test('rows that are not accounted for stand above a verification that passed', () => {
  const mappings = balanced.map((mapping) => ({ ...mapping, balances: false }))
  expect(headline({ mappings }, { verification: 'pass' }).tone).toBe('fail')
})

test.each([
  ['running', 'none', 'Not complete: the run is running, 1 of 4 mappings are done'],
  ['failed', 'fail', 'Not complete: the run is failed, 1 of 4 mappings are done'],
  ['cancelled', 'fail', 'Not complete: the run is cancelled, 1 of 4 mappings are done'],
] as const)('a run that is %s', (state, tone, words) => {
  const mappings = balanced.map((mapping, i) => ({ ...mapping, state: i === 0 ? 'done' : 'loading' }) as const)
  const run = { ...sample.run, state }
  expect(headline({ mappings, run }, { carriedOut: 'in part' })).toEqual({ tone, words })
})

test.each([
  [null, 'none'],
  ['pass', 'pass'],
  ['warn', 'warn'],
  ['fail', 'fail'],
] as const)('a rollback that came out as %s', (verdict, tone) => {
  const found = headline({ rollback: { ...sample.rollback!, verdict } })
  expect(found.tone).toBe(tone)
  expect(found.words).toMatch(/^(Being rolled back|Rolled back)/)
})
