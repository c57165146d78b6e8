import { expect, test } from 'vitest'
import { type RunState, runStates } from '../../src/ledger/state.ts'
import { buildVerdict } from '../../src/report/verdict.ts'
import type { VerdictBasis } from '../../src/report/verdict-basis.ts'
import type { Finding } from '../../src/verify/verification.ts'
import { sample } from './sample.ts'

const mapping = {
  ...sample.mappings[0]!,
  name: 'people',
  state: 'done',
  sourceRows: '10',
  loaded: '8',
  merged: '0',
  matched: '0',
  quarantined: '2',
  excluded: '0',
  balances: true,
} as const

const group = { ...sample.quarantine[0]!, mapping: 'people', code: 'orphan', rows: '2', accepted: '0' }

const finding = (check: Finding['check'], verdict: Finding['verdict'], detail = 'A sentence.'): Finding => ({
  check,
  verdict,
  mapping: 'people',
  expected: null,
  actual: null,
  detail,
})

const passed = [finding('frozen source', 'pass'), finding('row comparison', 'pass')]

/** A run of one mapping that is verified, with two rows that nobody has decided about. */
const basis: VerdictBasis = {
  run: { id: '7', migration: 'practice', state: 'verified' },
  mappings: [mapping],
  quarantine: [group],
  controlTotals: [],
  rebuilds: [],
  findings: passed,
  rollback: null,
}

const inState = (state: RunState): VerdictBasis => ({ ...basis, run: { ...basis.run, state } })

/** What is said of one criterion, by a word of its name. */
function answerTo(word: string, changed: Partial<VerdictBasis>): readonly [string, string] | undefined {
  const { criteria } = buildVerdict({ ...basis, ...changed })
  const found = criteria.filter(({ name }) => name.includes(word))
  expect(found.length).toBeLessThan(2)
  return found[0] && [found[0].holds, found[0].detail]
}

const total = { ...sample.controlTotals[0]!, mapping: 'people', name: 'amount' }
const index = { ...sample.rebuilds[0]!, kind: 'index' } as const
const open = { ...mapping, state: 'loading' } as const

test.each([
  ['carried out', {}, 'yes', '1 of 1 are closed.'],
  ['carried out', { mappings: [mapping, open] }, 'no', '1 of 2 are closed.'],
  ['accounted', {}, 'yes', 'Each of 10 source rows has one outcome.'],
  [
    'accounted',
    { mappings: [mapping, open] },
    'unknown',
    'Each of 10 source rows, of the mappings that are closed, has one outcome.',
  ],
  ['accounted', { mappings: [{ ...mapping, balances: false }] }, 'no', 'The sums of people do not add up.'],
  ['verified', {}, 'yes', 'All 2 checks passed.'],
  [
    'verified',
    { findings: [...passed, finding('sequences', 'warn')] },
    'yes',
    '2 checks passed, 1 warned, none failed.',
  ],
  ['verified', { findings: [...passed, finding('sequences', 'fail')] }, 'no', '1 of 3 checks failed.'],
  ['verified', { findings: [] }, 'unknown', 'Nobody has verified it.'],
  ['verified', inState('loaded'), 'unknown', 'It was changed since it was verified.'],
  [
    'totals',
    { controlTotals: [{ ...total, verdict: 'pass' }] },
    'yes',
    '1 of 1 declared sums were compared and agree.',
  ],
  ['totals', { controlTotals: [{ ...total, verdict: 'fail' }] }, 'no', 'amount of people differ.'],
  [
    'totals',
    { controlTotals: [{ ...total, verdict: 'not run' }] },
    'unknown',
    '0 of 1 declared sums were compared and agree.',
  ],
  ['decision', {}, 'no', '2 rows set aside, none of them accepted to stay out.'],
  [
    'decision',
    { quarantine: [{ ...group, accepted: '2' }] },
    'yes',
    '2 rows set aside, 2 of them accepted to stay out.',
  ],
  ['decision', { mappings: [{ ...mapping, quarantined: '0' }], quarantine: [] }, 'yes', 'None was set aside.'],
  ['decision', { mappings: [{ ...open, quarantined: '0' }], quarantine: [] }, 'unknown', 'None was set aside.'],
  ['Indexes', { rebuilds: [{ ...index, state: 'done' }] }, 'yes', '1 of 1 that were taken off are made again.'],
  ['Indexes', { rebuilds: [{ ...index, state: 'built' }] }, 'no', '0 of 1 that were taken off are made again.'],
  ['source stood', {}, 'yes', 'A sentence.'],
  ['source stood', { findings: [finding('frozen source', 'fail', 'Someone wrote.')] }, 'no', 'Someone wrote.'],
  ['source stood', { findings: [finding('frozen source', 'not run', 'Not asked.')] }, 'unknown', 'Not asked.'],
  ['source stood', { findings: [] }, 'unknown', 'Nobody has looked.'],
  ['taken back', {}, 'yes', 'The ledger holds what the way back needs.'],
  ['taken back', inState('finalized'), 'no', 'It was finalized: what the way back needs was given up.'],
] as const)('the criterion "%s" of %o holds: %s', (word, changed, holds, detail) => {
  expect(answerTo(word, changed)).toEqual([holds, detail])
})

test.each([
  ['totals', {}],
  ['Indexes', { rebuilds: [{ ...index, state: 'kept' }] }],
  ['Indexes', { rebuilds: [{ ...index, kind: 'statistics', state: 'off' }] }],
] as const)('there is no criterion "%s" of %o', (word, changed) => {
  expect(answerTo(word, changed)).toBeUndefined()
})

test('coverage counts checks by verdict, and mappings of which all rows were compared', () => {
  const { coverage } = buildVerdict({
    ...basis,
    mappings: [mapping, { ...mapping, name: 'visits' }],
    findings: [
      ...passed,
      finding('probes', 'warn'),
      finding('row comparison', 'not run'),
      { ...finding('row comparison', 'not run'), mapping: 'visits' },
    ],
  })
  expect(coverage).toEqual({ passed: 2, warned: 1, failed: 0, notRun: 2, comparedMappings: 1, mappings: 2 })
})

test('of mappings that nobody has counted it does not say that no row was left out', () => {
  const whole = { ...mapping, loaded: '10', quarantined: '0' }
  const waiting = { ...mapping, state: 'waiting', sourceRows: null, loaded: '0', quarantined: '0' } as const
  const said = (mappings: VerdictBasis['mappings']) => buildVerdict({ ...basis, quarantine: [], mappings }).sentences
  expect(said([whole])).toContain('No source row was left out.')
  expect(said([whole, waiting])).not.toContain('No source row was left out.')
  expect(said([whole, waiting])).toContain('The source of 1 mapping is not counted yet.')
  expect(said([waiting, waiting])).toContain('The sources of 2 mappings are not counted yet.')
})

const commands = (changed: Partial<VerdictBasis>) =>
  buildVerdict({ ...basis, ...changed }).next.map(({ command }) => command)

test.each([
  ['verified', ['drover quarantine list --run 7', 'drover finalize --run 7', 'drover rollback --run 7']],
  ['loaded', ['drover quarantine list --run 7', 'drover verify --run 7', 'drover rollback --run 7']],
  ['paused', ['drover resume --run 7', null, 'drover rollback --run 7']],
  ['failed', ['drover resume --run 7', null, 'drover rollback --run 7']],
  ['rolling_back', ['drover rollback --run 7']],
  ['rolled_back', [null]],
  ['finalized', [null]],
] as const)('of a run that is %s it says how to go on, how to mend rows, how to go back', (state, expected) => {
  expect(commands(inState(state))).toEqual(expected)
})

test('a run without undecided rows is not told how to mend them', () => {
  expect(commands({ quarantine: [{ ...group, accepted: '2' }] })).toEqual([
    'drover finalize --run 7',
    'drover rollback --run 7',
  ])
})

test('in every state somebody is told how to go back, or that it is being done', () => {
  for (const state of runStates) {
    const { next } = buildVerdict(inState(state))
    expect(next.map(({ answer }) => answer).join(' '), state).toMatch(/taken back|way back/)
  }
})
