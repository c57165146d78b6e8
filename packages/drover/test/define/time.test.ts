import { expect, test } from 'vitest'
import { businessDate, clampToCutover, cutover, instant, isoDate, sql, type text } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry, cutoverOfTests } from './carry.ts'

const database = await createDatabase()
await database.query(`set timezone = 'UTC'`)
const chicago = 'America/Chicago'
const berlin = 'Europe/Berlin'

test('wall-clock times become instants, also where the clocks jump', async () => {
  const cases: readonly (readonly [stamp: string | null, chicago: string | null, berlin: string | null])[] = [
    ['2025-01-15 12:00', '2025-01-15 18:00:00+00', '2025-01-15 11:00:00+00'],
    ['2025-07-15 12:00', '2025-07-15 17:00:00+00', '2025-07-15 10:00:00+00'],
    // Chicago: 2:00 to 3:00 was skipped; Berlin was not.
    ['2025-03-09 02:30', '2025-03-09 08:30:00+00', '2025-03-09 01:30:00+00'],
    ['2025-03-30 02:30', '2025-03-30 07:30:00+00', '2025-03-30 01:30:00+00'],
    // Chicago: 1:00 to 2:00 came twice; the later one is taken. Berlin's hour came twice a week before.
    ['2025-11-02 01:30', '2025-11-02 07:30:00+00', '2025-11-02 00:30:00+00'],
    ['2025-10-26 02:30', '2025-10-26 07:30:00+00', '2025-10-26 01:30:00+00'],
    ['2025-02-28 23:59:59.999999', '2025-03-01 05:59:59.999999+00', '2025-02-28 22:59:59.999999+00'],
    ['0202-01-01 00:00', '0202-01-01 05:50:36+00', '0201-12-31 23:06:32+00'],
    ['0044-03-15 12:00 BC', '0044-03-15 17:50:36+00 BC', '0044-03-15 11:06:32+00 BC'],
    [null, null, null],
  ]
  const rows = await carry(
    database,
    { x: 'timestamp' },
    cases.map(([x]) => ({ x })),
    ({ x }) => ({
      chicago: ['timestamptz', instant(x!, { zone: chicago }).orQuarantine()],
      berlin: ['timestamptz', instant(x!, { zone: berlin }).orQuarantine()],
    }),
  )
  expect(rows.map((row) => Object.values(row.values!))).toEqual(cases.map(([, ...expected]) => expected))
  // The skipped hour is not what the source held; the hour that came twice could have been either.
  expect(rows.map((row) => row.corrections)).toEqual([
    ...[[], [], ['chicago skipped-time 2025-03-09 02:30:00'], ['berlin skipped-time 2025-03-30 02:30:00']],
    ...[[], [], [], [], [], []],
  ])
  expect(rows.map((row) => row.notes)).toEqual([
    ...[[], [], [], [], ['chicago ambiguous-time'], ['berlin ambiguous-time']],
    ...[[], [], [], []],
  ])
})

test('a zone of its own for each row', async () => {
  const rows = await carry(
    database,
    { x: 'timestamp', zone: 'jsonb' },
    [chicago, berlin].map((zone) => ({ x: '2025-01-15 12:00', zone: JSON.stringify({ tz: zone }) })),
    ({ x, zone }) => ({
      // An operator that binds less tightly than `at time zone`.
      at: ['timestamptz', instant(x!, { zone: sql<text>`${zone} ->> 'tz'` }).orQuarantine()],
      day: ['date', businessDate(x!, { zone: sql<text>`${zone} ->> 'tz'` }).orQuarantine()],
    }),
  )
  expect(rows.map((row) => row.values)).toEqual([
    { at: '2025-01-15 18:00:00+00', day: '2025-01-15' },
    { at: '2025-01-15 11:00:00+00', day: '2025-01-15' },
  ])
})

test('infinity is no time', async () => {
  const rows = await carry(
    database,
    { x: 'timestamp' },
    ['infinity', '-infinity', '2025-01-01', null].map((x) => ({ x })),
    ({ x }) => ({
      at: ['timestamptz', instant(x!, { zone: 'UTC' }).orNull()],
      day: ['date', businessDate(x!, { zone: 'UTC' }).orNull('no-day')],
    }),
  )
  expect(rows.map((row) => row.values)).toEqual([
    { at: null, day: null },
    { at: null, day: null },
    { at: '2025-01-01 00:00:00+00', day: '2025-01-01' },
    { at: null, day: null },
  ])
  expect(rows.map((row) => row.corrections)).toEqual([
    ['at not-finite infinity', 'day no-day infinity'],
    ['at not-finite -infinity', 'day no-day -infinity'],
    [],
    [],
  ])
})

test('the day of business: midnight literally, everything else by the wall clock', async () => {
  const cases: readonly (readonly [stamp: string, chicago: string, berlin: string])[] = [
    ['2025-05-31 00:00', '2025-05-31', '2025-05-31'],
    // 05:00 UTC is Chicago's midnight in summer: the day is the same, the evening before it is not.
    ['2025-06-01 05:00', '2025-06-01', '2025-06-01'],
    ['2025-06-01 04:59:59.999', '2025-05-31', '2025-06-01'],
    ['2025-06-01 00:00:00.000001', '2025-05-31', '2025-06-01'],
    ['2025-05-31 23:30', '2025-05-31', '2025-06-01'],
    ['2025-01-01 05:30', '2024-12-31', '2025-01-01'],
    ['2024-02-29 00:00', '2024-02-29', '2024-02-29'],
    ['0202-03-04 00:00', '0202-03-04', '0202-03-04'],
    ['0001-01-01 00:00', '0001-01-01', '0001-01-01'],
    ['0044-03-15 00:00 BC', '0044-03-15 BC', '0044-03-15 BC'],
    ['0001-01-01 03:00', '0001-12-31 BC', '0001-01-01'],
  ]
  const rows = await carry(
    database,
    { x: 'timestamp' },
    cases.map(([x]) => ({ x })),
    ({ x }) => ({
      chicago: ['date', businessDate(x!, { zone: chicago }).orQuarantine()],
      berlin: ['date', businessDate(x!, { zone: berlin }).orQuarantine()],
    }),
  )
  expect(rows.map((row) => Object.values(row.values!))).toEqual(cases.map(([, ...expected]) => expected))
})

test('dates as ISO 8601 writes them, and no others', async () => {
  const good = ['2025-05-31', '2024-02-29', '2000-02-29', '0001-01-01', '9999-12-31']
  const bad = [
    ...['2025-02-29', '1900-02-29', '2025-04-31', '2025-13-01', '2025-00-10', '2025-01-00', '2025-01-32', '0000-01-01'],
    ...['2025-1-1', '25-01-01', '20250101', '2025/01/01', ' 2025-01-01', '2025-01-01 ', '2025-01-01\n', '12025-01-01'],
    ...['2025-01-01T00:00', '31.05.2025', 'MTD', '', '-2025-01-01', '٢٠٢٥-01-01', 'today', 'infinity', 'epoch'],
  ]
  const rows = await carry(
    database,
    { x: 'text' },
    [...good, ...bad, null].map((x) => ({ x })),
    ({ x }) => ({ day: ['date', isoDate(x!).orNull()] }),
  )
  expect(rows.map((row) => row.values!.day)).toEqual([...good, ...bad.map(() => null), null])
  expect(rows.map((row) => row.corrections)).toEqual([
    ...good.map(() => []),
    ...bad.map((text) => [`day not-a-date ${text}`]),
    [],
  ])
})

test('nothing lies after the cutover', async () => {
  const rows = await carry(
    database,
    { x: 'timestamptz' },
    [
      '2025-05-31 23:59:59.999999Z',
      '2025-06-01 00:00Z',
      '2025-06-01 00:00:00.000001Z',
      'infinity',
      '-infinity',
      null,
    ].map((x) => ({ x })),
    ({ x }) => ({
      at: ['timestamptz', clampToCutover(x!)],
      now: ['timestamptz', cutover()],
      coded: ['timestamptz', clampToCutover(x!, 'too-late')],
    }),
  )
  const now = '2025-06-01 00:00:00+00'
  expect(new Date(now).toISOString()).toBe(cutoverOfTests)
  expect(rows.map((row) => row.values!.at)).toEqual(['2025-05-31 23:59:59.999999+00', now, now, now, '-infinity', null])
  expect(rows.map((row) => row.values!.now)).toEqual(rows.map(() => now))
  expect(rows.map((row) => row.corrections)).toEqual([
    [],
    [],
    ['at future-timestamp 2025-06-01 00:00:00.000001+00', 'coded too-late 2025-06-01 00:00:00.000001+00'],
    ['at future-timestamp infinity', 'coded too-late infinity'],
    [],
    [],
  ])
})
