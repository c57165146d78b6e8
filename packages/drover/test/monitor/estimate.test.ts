import { expect, test } from 'vitest'
import { estimate } from '../../src/monitor/estimate.ts'

const at = { sliceMs: 5_000, remainingRows: 60_000 }

test('a steady run has one answer', () => {
  expect(estimate([0, 0, 400, 1_000, 1_000, 1_000], at)).toEqual({
    rowsPerSecond: 200,
    leastMs: 300_000,
    mostMs: 300_000,
  })
})

test('an unsteady one has a range round it', () => {
  const { rowsPerSecond, leastMs, mostMs } = estimate([50, 500, 1_500, 500, 1_500], at)!
  expect(rowsPerSecond).toBe(200)
  expect([leastMs, mostMs]).toEqual([200_000, 600_000])
})

test('a run that stood still for most of the time is not said to take for ever', () => {
  const { mostMs } = estimate([1, 0, 0, 0, 0, 8_000], at)!
  expect(mostMs).toBeCloseTo(3 * (60_000 / 1_600) * 5_000)
})

test('nothing is said before there is something to go by', () => {
  for (const slices of [[], [0, 0, 0], [0, 0, 700], [700, 0, 0]]) expect(estimate(slices, at)).toBeUndefined()
})
