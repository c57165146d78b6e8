import { expect, test } from 'vitest'
import { businessDate } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()

test('the last and the first moment of a month, on the clocks of a zone of its own for each row', async () => {
  const cases: readonly (readonly [zone: string, stamp: string | null, day: string | null])[] = [
    // Local midnight, written in UTC, begins the month; a moment before it ends the last one.
    ['America/Chicago', '2025-02-01 06:00', '2025-02-01'],
    ['America/Chicago', '2025-02-01 05:59:59.999999', '2025-01-31'],
    ['America/Chicago', '2025-07-01 05:00', '2025-07-01'],
    ['America/Chicago', '2025-07-01 04:59:59.999999', '2025-06-30'],
    ['Europe/Berlin', '2025-01-31 23:00', '2025-02-01'],
    ['Europe/Berlin', '2025-01-31 22:59:59.999999', '2025-01-31'],
    ['Europe/Berlin', '2025-03-31 22:00', '2025-04-01'],
    ['Europe/Berlin', '2025-03-31 21:59:59.999999', '2025-03-31'],
    ['Europe/Berlin', '2024-02-28 23:00', '2024-02-29'],
    ['Europe/Berlin', '2024-02-29 23:00', '2024-03-01'],
    ['Asia/Kathmandu', '2025-05-31 18:15', '2025-06-01'],
    ['Asia/Kathmandu', '2025-05-31 18:14:59.999999', '2025-05-31'],
    ['Australia/Lord_Howe', '2025-04-30 13:30', '2025-05-01'],
    ['Australia/Lord_Howe', '2025-12-31 13:00', '2026-01-01'],
    ['Pacific/Kiritimati', '2024-12-31 10:00', '2025-01-01'],
    ['Pacific/Pago_Pago', '2025-01-01 10:59:59', '2024-12-31'],
    // No clock on Samoa showed 30 December 2011.
    ['Pacific/Apia', '2011-12-30 09:59:59', '2011-12-29'],
    ['Pacific/Apia', '2011-12-30 10:00', '2011-12-31'],
    // A stamp of midnight itself is the day that somebody wrote down, wherever it was.
    ['America/Chicago', '2025-01-31 00:00', '2025-01-31'],
    ['America/Chicago', '2025-02-01 00:00', '2025-02-01'],
    ['America/Chicago', '2025-02-01 00:00:00.000001', '2025-01-31'],
    ['Pacific/Kiritimati', '2025-01-31 00:00', '2025-01-31'],
    ['Pacific/Apia', '2011-12-30 00:00', '2011-12-30'],
    ['UTC', '2025-01-31 23:59:59.999999', '2025-01-31'],
    ['UTC', null, null],
  ]
  const rows = await carry(
    database,
    { x: 'timestamp', zone: 'text' },
    cases.map(([zone, x]) => ({ x, zone })),
    ({ x, zone }) => ({ day: ['date', businessDate(x!, { zone: zone! }).orQuarantine()] }),
  )
  expect(rows.map((row, i) => [cases[i]![0], cases[i]![1], row.values?.day])).toEqual(cases)
  expect(rows.flatMap((row) => row.corrections)).toEqual([])
})

test('stamps on the clocks of another zone than UTC', async () => {
  const cases: readonly (readonly [stamp: string, same: string, berlin: string])[] = [
    ['2025-01-31 17:59:59', '2025-01-31', '2025-02-01'],
    ['2025-01-31 16:59:59', '2025-01-31', '2025-01-31'],
    ['2025-01-31 23:59:59', '2025-01-31', '2025-02-01'],
    ['2025-02-01 00:00', '2025-02-01', '2025-02-01'],
    // A time that Chicago's clocks skipped, and one that they showed twice, are on its day all the same.
    ['2025-03-09 02:30', '2025-03-09', '2025-03-09'],
    ['2025-11-02 01:30', '2025-11-02', '2025-11-02'],
  ]
  const rows = await carry(
    database,
    { x: 'timestamp' },
    cases.map(([x]) => ({ x })),
    ({ x }) => ({
      same: ['date', businessDate(x!, { zone: 'America/Chicago', from: 'America/Chicago' }).orQuarantine()],
      berlin: ['date', businessDate(x!, { zone: 'Europe/Berlin', from: 'America/Chicago' }).orQuarantine()],
    }),
  )
  expect(rows.map((row) => Object.values(row.values!))).toEqual(cases.map(([, ...days]) => days))
})

test('the ends of what the server can hold are guarded, whichever way the zone lies', async () => {
  const refused: readonly (readonly [stamp: string, code: string])[] = [
    ['infinity', 'not-finite'],
    ['-infinity', 'not-finite'],
    ['4714-11-24 00:00:00 BC', 'out-of-range'],
    ['4714-11-24 00:00:00.000001 BC', 'out-of-range'],
    ['294276-12-31 23:59:59.999999', 'out-of-range'],
  ]
  const kept = ['4713-01-01 00:00:00 BC', '294276-01-01 00:00:00']
  const rows = await carry(
    database,
    { x: 'timestamp' },
    [...refused.map(([x]) => ({ x })), ...kept.map((x) => ({ x }))],
    ({ x }) => ({
      east: ['date', businessDate(x!, { zone: 'Pacific/Kiritimati' }).orNull()],
      west: ['date', businessDate(x!, { zone: 'Pacific/Pago_Pago', from: 'Pacific/Kiritimati' }).orElse('2000-01-01')],
    }),
  )
  expect(rows.map((row) => Object.values(row.values!))).toEqual([
    ...refused.map(() => [null, '2000-01-01']),
    ['4713-01-01 BC', '4713-01-01 BC'],
    ['294276-01-01', '294276-01-01'],
  ])
  expect(rows.map((row) => row.corrections)).toEqual([
    ...refused.map(([stamp, code]) => [`east ${code} ${stamp}`, `west ${code} ${stamp}`]),
    [],
    [],
  ])
})
