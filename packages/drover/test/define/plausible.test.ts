import { expect, test } from 'vitest'
import { cutover, type date, type PlausibleOptions, plausible, sql, type timestamptz } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()
await database.query(`set timezone = 'UTC'`)

test('each end of what can be true, and the values that stand for none', async () => {
  const cases: readonly (readonly [stamp: string | null, codes: readonly string[]])[] = [
    ['1990-01-01 00:00:00', []],
    ['1989-12-31 23:59:59.999999', ['too-early']],
    ['-infinity', ['too-early']],
    ['0044-03-15 12:00:00 BC', ['too-early']],
    ['0202-03-04 00:00:00', ['too-early']],
    ['2025-06-08 12:30:15.25', []],
    ['2025-06-08 12:30:15.250001', ['too-late']],
    ['20250-01-01 00:00:00', ['too-late']],
    ['infinity', ['too-late']],
    ['2001-01-01 00:00:00', ['sentinel']],
    ['2001-01-01 00:00:00.000001', []],
    ['2000-12-31 23:59:59.999999', []],
    ['1970-01-01 00:00:00', ['sentinel', 'too-early']],
    ['9999-12-31 23:59:59', ['sentinel', 'too-late']],
    [null, []],
  ]
  const rule = {
    from: '1990-01-01',
    until: '2025-06-08T12:30:15.25',
    sentinels: ['1970-01-01', '2001-01-01 00:00', '9999-12-31T23:59:59'],
  }
  const rows = await carry(
    database,
    { local: 'timestamp', at: 'timestamptz' },
    cases.map(([x]) => ({ local: x, at: x })),
    ({ local, at }) => ({
      local: ['timestamp', plausible(local!, rule).orNull()],
      at: ['timestamp', sql`${plausible(at!, rule).orNull()} at time zone 'UTC'`],
      other: ['timestamp', plausible(local!, rule).orElse('2000-02-03T04:05', 'no-time')],
    }),
  )
  const isTrue = ([, codes]: (typeof cases)[number]) => codes.length === 0
  expect(rows.map((row) => row.values!.local)).toEqual(cases.map((each) => (isTrue(each) ? each[0] : null)))
  expect(rows.map((row) => row.values!.at)).toEqual(cases.map((each) => (isTrue(each) ? each[0] : null)))
  expect(rows.map((row) => row.values!.other)).toEqual(
    cases.map((each) => (isTrue(each) ? each[0] : '2000-02-03 04:05:00')),
  )
  const found = rows.map((row) => row.corrections.map((line) => line.split(' ').slice(0, 2).join(' ')))
  expect(found).toEqual(
    cases.map(([, codes]) => [
      ...['at', 'local'].flatMap((column) => codes.map((code) => `${column} ${code}`)),
      ...codes.map(() => 'other no-time'),
    ]),
  )
})

test('a bound with an offset is an instant; for a date, a bound is a day', async () => {
  const rows = await carry(
    database,
    { at: 'timestamptz', day: 'date' },
    [
      { at: '2025-05-31 21:59:59.999999Z', day: '2025-05-30' },
      { at: '2025-05-31 22:00Z', day: '2025-05-31' },
      { at: '2025-05-31 22:00:00.000001Z', day: '2025-06-01' },
      { at: '2025-05-31 22:00:00.000001Z', day: 'infinity' },
      { at: '2025-05-31 22:00Z', day: '-infinity' },
    ],
    ({ at, day }) => ({
      at: ['timestamptz', plausible(at!, { until: '2025-06-01T00:00+02:00' }).orNull()],
      day: ['date', plausible(day!, { from: '2025-05-31', until: '2025-05-31' }).orNull()],
    }),
  )
  expect(rows.map((row) => row.corrections)).toEqual([
    ['day too-early 2025-05-30'],
    [],
    ['at too-late 2025-05-31 22:00:00.000001+00', 'day too-late 2025-06-01'],
    ['at too-late 2025-05-31 22:00:00.000001+00', 'day too-late infinity'],
    ['day too-early -infinity'],
  ])
})

test('bounds that depend on the cutover, or on the row; one that is unknown bounds nothing', async () => {
  const rows = await carry(
    database,
    { at: 'timestamptz', day: 'date', since: 'date' },
    [
      { at: '2025-06-01 00:00Z', day: '2025-06-08', since: '2025-06-08' },
      { at: '2025-06-01 00:00:00.000001Z', day: '2025-06-09', since: '2025-01-01' },
      { at: '2025-05-31 23:59:59Z', day: '2025-06-07', since: '2025-06-08' },
      { at: null, day: '2025-06-01', since: null },
    ],
    ({ at, day, since }) => ({
      at: ['timestamptz', plausible(at!, { until: cutover() }).orNull()],
      day: [
        'date',
        plausible(day!, { from: since!, until: sql<date>`(${cutover()} at time zone 'UTC')::date + 7` }).orNull(),
      ],
    }),
  )
  expect(rows.map((row) => row.corrections)).toEqual([
    [],
    ['at too-late 2025-06-01 00:00:00.000001+00', 'day too-late 2025-06-09'],
    ['day too-early 2025-06-07'],
    [],
  ])
  expect(rows.map((row) => row.values!.day)).toEqual(['2025-06-08', null, null, '2025-06-01'])
})

test('an implausible row is set aside with every reason', async () => {
  const rule = { from: '1990-01-01', sentinels: ['1970-01-01'] }
  const rows = await carry(database, { x: 'date' }, [{ x: '1970-01-01' }, { x: '1980-01-01' }], ({ x }) => ({
    x: ['date', plausible(x!, rule).orQuarantine()],
  }))
  expect(rows.map((row) => row.quarantine)).toEqual([['sentinel', 'too-early'], ['too-early']])
})

test('a rule that is no rule, or a bound that is no time, is refused in the definition', () => {
  const x = sql<timestamptz>`x`
  expect(() => plausible(x, {})).toThrow('plausible was given nothing to judge by.')
  expect(() => plausible(x, { sentinels: [] })).toThrow('plausible was given nothing to judge by.')
  const wrong = [
    ...['', 'now', 'infinity', 'yesterday', '2025', '2025-05', '31.05.2025', '2025-5-31', '20250531', '12025-01-01'],
    ...['2025-02-29', '2025-04-31', '2025-13-01', '2025-00-10', '2025-01-00', '0000-01-01', '2025-01-01 BC'],
    ...[
      '2025-05-31T',
      '2025-05-31T12',
      '2025-05-31T24:00',
      '2025-05-31T25:00',
      '2025-05-31T12:60',
      '2025-05-31T12:00:60',
    ],
    ...['2025-05-31T12:00.5', '2025-05-31T12:00:00.', '2025-05-31T12:00:00.1234567', '2025-05-31T12:00 Z'],
    ...['2025-05-31T12:00+2', '2025-05-31T12:00+16:00', '2025-05-31T12:00+99:99', '2025-05-31T12:00-05:60'],
    ...[' 2025-05-31', '2025-05-31 ', '2025-05-31\n', "2025-05-31'", '٢٠٢٥-05-31', '2025-05-31Z'],
  ]
  const accepts = (options: PlausibleOptions<timestamptz>) => {
    try {
      plausible(x, options)
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: 'definition-invalid', message: /^plausible cannot compare with / })
      return false
    }
  }
  expect(wrong.filter((time) => accepts({ from: time }))).toEqual([])
  expect(wrong.filter((time) => accepts({ until: time }))).toEqual([])
  expect(wrong.filter((time) => accepts({ sentinels: ['2001-01-01', time] }))).toEqual([])
})

test('every bound that is accepted is one that the server can compare with', async () => {
  const bounds = [
    ...['0001-01-01', '9999-12-31', '2024-02-29', '2025-05-31 12:00', '2025-05-31T23:59:59', '2025-05-31T12:00:00.1'],
    ...['2025-05-31T12:00:00.123456', '2025-05-31T12:00Z', '2025-05-31T12:00+15', '2025-05-31 12:00:59.9-15:59'],
  ]
  const [row] = await carry(
    database,
    { at: 'timestamptz', local: 'timestamp', day: 'date' },
    [{ at: '2025-01-01', local: '2025-01-01', day: '2025-01-01' }],
    ({ at, local, day }) => ({
      at: ['timestamptz', plausible(at!, { sentinels: bounds }).orQuarantine()],
      local: ['timestamp', plausible(local!, { sentinels: bounds }).orQuarantine()],
      day: ['date', plausible(day!, { sentinels: bounds }).orQuarantine()],
    }),
  )
  expect(row!.values).toEqual({ at: '2025-01-01 00:00:00+00', local: '2025-01-01 00:00:00', day: '2025-01-01' })
})
