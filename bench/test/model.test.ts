import { expect, test } from 'vitest'
import { type MeasuredRun, predict } from '../scaling/model.ts'

const run: MeasuredRun = {
  rows: 1_000_000,
  seconds: 10,
  phases: { 'start and parents': 0.3, 'prepare and duplicates': 1, load: 4, close: 2, end: 1 },
  walBytes: 400,
  targetBytes: 300,
  ledgerBytes: 100,
}

test('as many rows take what they took', () => {
  const { seconds, walBytes, targetBytes, ledgerBytes } = run
  expect(predict(run, run.rows)).toEqual({ seconds, walBytes, targetBytes, ledgerBytes })
})

test('the load grows with the rows, what sorts faster, and the start not at all', () => {
  const { seconds, ...sizes } = predict(run, 1_000_000_000)
  // Twenty bits of rows become thirty.
  expect(seconds).toBeCloseTo(2 + 4_000 + 4 * 1_000 * 1.5, -1)
  expect(sizes).toEqual({ walBytes: 400_000, targetBytes: 300_000, ledgerBytes: 100_000 })
})
