import { expect, test } from 'vitest'
import { holds, timesAsLong } from '../harness/claim.ts'
import { alignColumns, renderClaim } from '../harness/print.ts'

const one = { name: 'one', seconds: [2, 30, 4], outcomes: [] }
const other = { name: 'other', seconds: [1, 10, 1], outcomes: [] }

test('a ratio is the median of the ratios of the rounds, not the ratio of the medians', () => {
  // 2, 3 and 4; the medians are 4 and 1.
  expect(timesAsLong([one, other], 'one', 'other')).toBe(3)
})

test('variants that tell their rows are compared by the time for a row', () => {
  const few = { ...one, rows: 100 }
  const many = { ...other, rows: 1_000 }
  expect(timesAsLong([few, many], 'one', 'other')).toBe(30)
})

test('a variant that was left out makes no ratio, and nothing holds or fails by it', () => {
  const value = timesAsLong([one], 'one', 'other')
  expect(value).toBeNaN()
  expect(holds({ says: '', value, atLeast: 1 })).toBeUndefined()
  expect(renderClaim({ says: 'speed', value, atLeast: 1 })).toContain('speed: not measured')
})

test('limits are reached by what equals them', () => {
  expect([0.9, 0.899].map((value) => holds({ says: '', value, atLeast: 0.9 }))).toEqual([true, false])
  expect([1.3, 1.301].map((value) => holds({ says: '', value, atMost: 1.3 }))).toEqual([true, false])
  expect(holds({ says: '', value: 1 })).toBeUndefined()
  expect(renderClaim({ says: 'start', value: 151, atMost: 150, unit: ' ms' })).toBe(
    '  FAILS start: 151.00 ms (at most 150 ms)',
  )
})

test('columns that say nothing are left out', () => {
  const lines = [
    ['what', 'rows', 'time'],
    ['a', '', '1.00 s'],
    ['longer', '', '10.00 s'],
  ]
  expect(alignColumns(lines)).toEqual(['what       time', 'a        1.00 s', 'longer  10.00 s'])
})
