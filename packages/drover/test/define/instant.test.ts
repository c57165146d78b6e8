import { expect, test } from 'vitest'
import { instant, required, timeZone } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { type Carried, carry } from './carry.ts'

const database = await createDatabase()
await database.query(`set timezone = 'UTC'`)

/** What each policy makes of times on the clocks of one zone. A refused time is shown as its code. */
async function readBy(zone: string, stamps: readonly string[]) {
  const rows = await carry(
    database,
    { x: 'timestamp' },
    stamps.map((x) => ({ x })),
    ({ x }) => ({
      plain: ['timestamptz', instant(x!, { zone }).orNull()],
      named: ['timestamptz', instant(x!, { zone, gap: 'forward', overlap: 'later' }).orNull()],
      earlier: ['timestamptz', instant(x!, { zone, overlap: 'earlier' }).orNull()],
      strict: ['timestamptz', instant(x!, { zone, gap: 'refuse', overlap: 'refuse' }).orNull()],
    }),
  )
  expect(rows.map((row) => row.values!.named)).toEqual(rows.map((row) => row.values!.plain))
  return rows.map((row) => ['plain', 'earlier', 'strict'].map((column) => show(row, column)))
}

function show(row: Carried, column: string): string | null {
  const codes = [...row.corrections, ...row.notes].filter((line) => line.startsWith(`${column} `))
  const marks = codes.map((line) => line.split(' ')[1]!)
  const value = row.values![column]
  return value == null ? marks.join(' ') : [value.replace(/\+00( BC)?$/, '$1'), ...marks].join(' ')
}

/** The same for every policy. */
const surely = (at: string) => [at, at, at]
const skipped = (at: string) => [`${at} skipped-time`, `${at} skipped-time`, 'skipped-time']
const twice = (earlier: string, later: string) => [
  `${later} ambiguous-time`,
  `${earlier} ambiguous-time`,
  'ambiguous-time',
]

test('the ends of the hour that is skipped and of the one that comes twice', async () => {
  const cases: readonly (readonly [zone: string, stamp: string, expected: readonly string[]])[] = [
    ['America/Chicago', '2025-03-09 01:59:59.999999', surely('2025-03-09 07:59:59.999999')],
    ['America/Chicago', '2025-03-09 02:00', skipped('2025-03-09 08:00:00')],
    ['America/Chicago', '2025-03-09 02:59:59.999999', skipped('2025-03-09 08:59:59.999999')],
    ['America/Chicago', '2025-03-09 03:00', surely('2025-03-09 08:00:00')],
    ['America/Chicago', '2025-11-02 00:59:59.999999', surely('2025-11-02 05:59:59.999999')],
    ['America/Chicago', '2025-11-02 01:00', twice('2025-11-02 06:00:00', '2025-11-02 07:00:00')],
    [
      'America/Chicago',
      '2025-11-02 01:59:59.999999',
      twice('2025-11-02 06:59:59.999999', '2025-11-02 07:59:59.999999'),
    ],
    ['America/Chicago', '2025-11-02 02:00', surely('2025-11-02 08:00:00')],
    ['Europe/Berlin', '2025-03-30 02:00', skipped('2025-03-30 01:00:00')],
    ['Europe/Berlin', '2025-03-30 03:00', surely('2025-03-30 01:00:00')],
    ['Europe/Berlin', '2025-10-26 01:59:59.999999', surely('2025-10-25 23:59:59.999999')],
    ['Europe/Berlin', '2025-10-26 02:00', twice('2025-10-26 00:00:00', '2025-10-26 01:00:00')],
    ['Europe/Berlin', '2025-10-26 03:00', surely('2025-10-26 02:00:00')],
    // Its summer begins in October, by half an hour: 02:00 to 02:30 is skipped, 01:30 to 02:00 comes twice.
    ['Australia/Lord_Howe', '2025-10-05 01:59:59', surely('2025-10-04 15:29:59')],
    ['Australia/Lord_Howe', '2025-10-05 02:15', skipped('2025-10-04 15:45:00')],
    ['Australia/Lord_Howe', '2025-10-05 02:30', surely('2025-10-04 15:30:00')],
    ['Australia/Lord_Howe', '2025-04-06 01:29:59', surely('2025-04-05 14:29:59')],
    ['Australia/Lord_Howe', '2025-04-06 01:30', twice('2025-04-05 14:30:00', '2025-04-05 15:00:00')],
    ['Australia/Lord_Howe', '2025-04-06 02:00', surely('2025-04-05 15:30:00')],
    // Samoa crossed the date line: it had no 30 December 2011, and two of 4 July 1892.
    ['Pacific/Apia', '2011-12-29 23:59:59', surely('2011-12-30 09:59:59')],
    ['Pacific/Apia', '2011-12-30 00:00', skipped('2011-12-30 10:00:00')],
    ['Pacific/Apia', '2011-12-30 23:59:59', skipped('2011-12-31 09:59:59')],
    ['Pacific/Apia', '2011-12-31 00:00', surely('2011-12-30 10:00:00')],
    ['Pacific/Apia', '1892-07-03 23:59:59', surely('1892-07-03 11:26:55')],
    ['Pacific/Apia', '1892-07-04 12:00', twice('1892-07-03 23:26:56', '1892-07-04 23:26:56')],
    ['Pacific/Apia', '1892-07-05 00:00', surely('1892-07-05 11:26:56')],
  ]
  for (const zone of new Set(cases.map(([zone]) => zone))) {
    const ofZone = cases.filter(([each]) => each === zone)
    const found = await readBy(
      zone,
      ofZone.map(([, stamp]) => stamp),
    )
    expect(found, zone).toEqual(ofZone.map(([, , expected]) => expected))
  }
})

test('neither infinity nor the last months have an instant, in a zone with jumps or without', async () => {
  const stamps = [
    ...[
      'infinity',
      '-infinity',
      '4714-11-24 00:00 BC',
      '4714-12-31 23:59:59.999999 BC',
      '294276-01-01 00:00:00.000001',
    ],
    ...['294276-12-31 23:59:59.999999', '4713-01-01 00:00 BC', '294276-01-01 00:00', '0202-03-04 05:06', null],
  ]
  const rows = await carry(
    database,
    { x: 'timestamp', zone: 'text' },
    stamps.map((x) => ({ x, zone: 'UTC' })),
    ({ x, zone }) => ({
      utc: ['timestamptz', instant(x!, { zone: 'UTC' }).orNull()],
      asData: ['timestamptz', instant(x!, { zone: zone!, overlap: 'earlier' }).orNull()],
      east: ['timestamptz', instant(x!, { zone: 'Pacific/Kiritimati', overlap: 'earlier' }).orNull()],
      west: ['timestamptz', instant(x!, { zone: 'Pacific/Pago_Pago', gap: 'refuse' }).orNull()],
    }),
  )
  const utc = ['4713-01-01 00:00:00+00 BC', '294276-01-01 00:00:00+00', '0202-03-04 05:06:00+00', null]
  expect(rows.map((row) => row.values!.utc)).toEqual([...Array(6).fill(null), ...utc])
  expect(rows.map((row) => row.values!.asData)).toEqual([...Array(6).fill(null), ...utc])
  for (const zone of ['east', 'west']) {
    expect(rows.map((row) => row.values![zone] === null)).toEqual(rows.map((row) => row.values!.utc === null))
  }
  const codes = [...Array(2).fill('not-finite'), ...Array(4).fill('out-of-range')]
  const refused = codes.map((code, i) => {
    const original = rows[i]!.corrections[0]!.split(' ').slice(2).join(' ')
    return ['asData', 'east', 'utc', 'west'].map((column) => `${column} ${code} ${original}`)
  })
  expect(rows.map((row) => row.corrections)).toEqual([...refused, [], [], [], []])
})

test('a code given by the author does not hide a jump of the clocks', async () => {
  const stamps = ['2025-03-09 02:30', '2025-11-02 01:30', 'infinity', '2025-01-01']
  const rows = await carry(
    database,
    { x: 'timestamp' },
    stamps.map((x) => ({ x })),
    ({ x }) => ({
      at: [
        'timestamptz',
        instant(x!, { zone: 'America/Chicago', gap: 'refuse', overlap: 'refuse' }).orQuarantine('no-time'),
      ],
    }),
  )
  expect(rows.map((row) => row.quarantine)).toEqual([['skipped-time'], ['ambiguous-time'], ['no-time'], []])
  expect(rows.map((row) => row.values?.at)).toEqual([undefined, undefined, undefined, '2025-01-01 06:00:00+00'])
})

test('a zone is one that the server lists, spelt as it spells it; any other is guarded, not an error', async () => {
  const known = ['America/Chicago', 'Europe/Berlin', 'UTC', 'Etc/GMT+5', 'America/Argentina/Buenos_Aires']
  const unknown = [
    ...['america/chicago', 'Chicago', 'US Central', '', ' ', ' UTC', 'UTC\n', 'CDT', '+05:00', '-6', 'CST6CDT5,M3'],
    ...["UTC'", 'Europe/Berlin; --', '../../etc/passwd', 'Mars/Olympus', 'UTC\u200b', 'infinity', 'default'],
  ]
  const rows = await carry(
    database,
    { x: 'text', stamp: 'timestamp' },
    [...known, ...unknown, null].map((x) => ({ x, stamp: '2025-01-15 12:00' })),
    ({ x, stamp }) => ({
      zone: ['text', timeZone(x!).orNull()],
      at: [
        'timestamptz',
        instant(stamp!, { zone: required(timeZone(x!).orElse('Asia/Tokyo', 'no-such-zone')).orElse('UTC') }).orNull(),
      ],
    }),
  )
  expect(rows.map((row) => row.values!.zone)).toEqual([...known, ...unknown.map(() => null), null])
  const hours = [18, 11, 12, 17, 15].map((hour) => `2025-01-15 ${hour}:00:00+00`)
  const elsewhere = unknown.map(() => '2025-01-15 03:00:00+00')
  expect(rows.map((row) => row.values!.at)).toEqual([...hours, ...elsewhere, '2025-01-15 12:00:00+00'])
  expect(rows.map((row) => row.corrections)).toEqual([
    ...known.map(() => []),
    ...unknown.map((name) => [`at no-such-zone ${name}`, `zone unknown-zone ${name}`]),
    ['at missing null'],
  ])
})
