import { expect, test } from 'vitest'
import { renderBytes, renderCount, renderDuration, renderInstant, renderRows } from '../../src/report/figures.ts'
import { elapsedMs, isoInstant } from '../../src/report/instant.ts'

test.each([
  ['0', '0'],
  ['1000', '1,000'],
  ['9223372036854775807', '9,223,372,036,854,775,807'],
  [null, '–'],
])('the count %s reads %s', (count, text) => {
  expect(renderCount(count)).toBe(text)
})

test('a noun follows its count', () => {
  expect([0n, 1n, 2000n].map((rows) => renderRows(rows, 'row'))).toEqual(['0 rows', '1 row', '2,000 rows'])
})

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [999.6, '1.0 s'],
  [9940, '9.9 s'],
  [9960, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min 0 s'],
  [3_599_600, '1 h 0 min'],
  [7_530_000, '2 h 5 min'],
  [null, '–'],
])('%s milliseconds read %s', (ms, text) => {
  expect(renderDuration(ms)).toBe(text)
})

test.each([
  ['83479552', '83.5 MB'],
  ['0', '0.0 MB'],
  ['999949999', '999.9 MB'],
  ['999950000', '1.0 GB'],
  [2_100_000_000, '2.1 GB'],
])('%s bytes read %s', (bytes, text) => {
  expect(renderBytes(bytes)).toBe(text)
})

test('an instant of the server becomes ISO 8601, with its microseconds', () => {
  expect(isoInstant('2025-01-31 09:30:00.000001+00')).toBe('2025-01-31T09:30:00.000001Z')
  expect(renderInstant('2025-01-31T09:30:59.999999Z')).toBe('2025-01-31 09:30:59 UTC')
  expect(elapsedMs('2025-01-31T09:30:00Z', '2025-01-31T09:30:01.25Z')).toBe(1250)
  expect(elapsedMs(null, '2025-01-31T09:30:01.25Z')).toBeNull()
})
