import { expect, test } from 'vitest'
import { rowsPerPiece } from '../../src/run/prepare.ts'

test.each([
  [1_000, 0, 1_000],
  [1_000, 1_000_000, 1_000],
  [1_000, 100_000_000, 1_000],
  [1_000, 10_000_000_000, 100_000],
  [50_000, 100_000_001, 50_000],
])('the ledger holds no more pieces than it has to: chunks of %d, %d rows', (rowsPerChunk, sourceRows, expected) => {
  expect(rowsPerPiece(rowsPerChunk, sourceRows)).toBe(expected)
})
