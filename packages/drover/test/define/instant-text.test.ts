import { expect, test } from 'vitest'
import { instantFromText } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()
await database.query(`set timezone = 'UTC'`)

async function read(texts: readonly (string | null)[]) {
  const rows = await carry(
    database,
    { x: 'text' },
    texts.map((x) => ({ x })),
    ({ x }) => ({
      exact: ['timestamptz', instantFromText(x!).orNull()],
      utc: ['timestamptz', instantFromText(x!, { zone: 'UTC' }).orNull()],
      zoned: ['timestamptz', instantFromText(x!, { zone: 'America/Chicago', overlap: 'earlier' }).orNull()],
    }),
  )
  return rows.map(({ values, corrections, notes }) => ({
    values: ['exact', 'utc', 'zoned'].map((column) => values![column]?.replace('+00', '') ?? null),
    guards: [...corrections.map((line) => line.split(' ').slice(0, 2).join(' ')), ...notes],
  }))
}

test('a text that tells its offset is the same instant in every zone', async () => {
  const cases: Readonly<Record<string, string>> = {
    '2025-05-31T23:59:59.999Z': '2025-05-31 23:59:59.999',
    '2025-05-31 23:59+02': '2025-05-31 21:59:00',
    '2025-05-31t23:59:59z': '2025-05-31 23:59:59',
    '2025-05-31T23:59:59-05:30': '2025-06-01 05:29:59',
    '2025-05-31T23:59:59-0530': '2025-06-01 05:29:59',
    '2025-05-31 00:00:00.000001+00': '2025-05-31 00:00:00.000001',
    '2025-05-31 00:00:00-00:00': '2025-05-31 00:00:00',
    // Chicago's clocks skip this time, and show the other twice: the offset tells which.
    '2025-03-09T02:30:00-06:00': '2025-03-09 08:30:00',
    '2025-11-02T01:30:00-06:00': '2025-11-02 07:30:00',
    '2024-02-29T12:00Z': '2024-02-29 12:00:00',
    '0001-01-01T00:00+15:59': '0001-12-31 08:01:00 BC',
    '9999-12-31T23:59:59.999999-15:59': '10000-01-01 15:58:59.999999',
    '2025-05-31T23:59:59.1234560Z': '2025-05-31 23:59:59.123456',
    '2025-05-31T23:59:59.123456000Z': '2025-05-31 23:59:59.123456',
  }
  expect(await read(Object.keys(cases))).toEqual(
    Object.values(cases).map((at) => ({ values: [at, at, at], guards: [] })),
  )
})

test('digits beyond the microsecond are cut off, never rounded, and said so', async () => {
  const texts = ['2025-12-31T23:59:59.9999999Z', '2025-12-31T23:59:59.999999001Z', '2025-12-31T23:59:59.000000999+00']
  const guards = ['exact cut-off', 'utc cut-off', 'zoned cut-off']
  const [nines, zeros] = ['2025-12-31 23:59:59.999999', '2025-12-31 23:59:59']
  expect(await read(texts)).toEqual([nines, nines, zeros].map((at) => ({ values: [at, at, at], guards })))
})

test('a text without an offset is a time on the clocks of the zone, and refused without one', async () => {
  const cases: readonly (readonly [text: string, utc: string, zoned: string, guards: readonly string[]])[] = [
    ['2025-05-31T23:59:59.5', '2025-05-31 23:59:59.5', '2025-06-01 04:59:59.5', []],
    ['2025-01-31 23:59', '2025-01-31 23:59:00', '2025-02-01 05:59:00', []],
    ['2025-03-09 02:30', '2025-03-09 02:30:00', '2025-03-09 08:30:00', ['zoned skipped-time']],
    ['2025-11-02 01:30', '2025-11-02 01:30:00', '2025-11-02 06:30:00', ['zoned ambiguous-time']],
    ['0202-01-01 00:00', '0202-01-01 00:00:00', '0202-01-01 05:50:36', []],
    ['2025-01-01T00:00:00.0000009', '2025-01-01 00:00:00', '2025-01-01 06:00:00', ['utc cut-off', 'zoned cut-off']],
  ]
  const rows = await read(cases.map(([text]) => text))
  expect(rows.map((row) => row.values)).toEqual(cases.map(([, utc, zoned]) => [null, utc, zoned]))
  for (const [i, [text, , , guards]] of cases.entries()) {
    expect(rows[i]!.guards.toSorted(), text).toEqual(['exact no-zone', ...guards].toSorted())
  }
})

test('every other text is guarded, not an error', async () => {
  const texts = [
    ...['', ' ', '2025-05-31', '2025-05-31T', '2025-05-31T23', '2025-05-31T2359', '20250531T235959Z', '23:59Z'],
    ...['2025-5-31T23:59Z', '2025-05-31T3:59Z', '2025-05-31T24:00Z', '2025-05-31T23:60Z', '2025-05-31T23:59:60Z'],
    ...['2025-02-29T00:00Z', '2025-13-01T00:00Z', '2025-00-01T00:00Z', '0000-01-01T00:00Z', '12025-01-01T00:00Z'],
    ...['+002025-01-01T00:00Z', '-2025-01-01T00:00Z', '2025-01-01T00:00 Z', '2025-01-01T00:00+', '2025-01-01T00:00+1'],
    ...['2025-01-01T00:00+16', '2025-01-01T00:00+15:60', '2025-01-01T00:00+01:2', '2025-01-01T00:00+01:02:03'],
    ...['2025-01-01T00:00ZZ', '2025-01-01T00:00Z+01', '2025-01-01T00:00UTC', '2025-01-01 00:00 America/Chicago'],
    ...['2025-01-01T00:00:00.Z', '2025-01-01T00:00:00.1234567890Z', '2025-01-01T00:00:00,5Z', '2025-01-01T00:00.5Z'],
    ...[' 2025-01-01T00:00Z', '2025-01-01T00:00Z ', '2025-01-01T00:00Z\n', '2025-01-01\n00:00Z', '2025-01-01  00:00Z'],
    ...['2025-01-01_00:00Z', '2025/01/01 00:00Z', '2025-01-01T00:00Z BC', '2025-01-01T00:00−05', '٢٠٢٥-01-01T00:00Z'],
    ...['now', 'infinity', 'epoch', 'tomorrow', 'J2460000', '1748736000', '1748736000000', '2025-W22-6T00:00Z', '0'],
    ...["2025-01-01T00:00Z'; --", '2025-01-01T00:00Z\u200b', 'Sat, 31 May 2025 23:59:59 GMT', 'a'.repeat(100_000)],
  ]
  const rows = await read([...texts, null])
  const guards = ['exact', 'utc', 'zoned'].map((column) => `${column} not-an-instant`)
  for (const [i, text] of texts.entries()) {
    expect({ text, ...rows[i] }).toEqual({ text, values: [null, null, null], guards })
  }
  expect(rows.at(-1)).toEqual({ values: [null, null, null], guards: [] })
})

test('what is refused is not cut off as well', async () => {
  const texts = ['2025-03-09T02:30:00.1234567', '2025-01-01T00:00:00.1234567']
  const rows = await carry(
    database,
    { x: 'text' },
    texts.map((x) => ({ x })),
    ({ x }) => ({
      exact: ['timestamptz', instantFromText(x!).orElse('2000-01-01T00:00Z')],
      zoned: ['timestamptz', instantFromText(x!, { zone: 'America/Chicago', gap: 'refuse' }).orNull()],
    }),
  )
  expect(rows.map((row) => row.corrections)).toEqual([
    [`exact no-zone ${texts[0]}`, `zoned skipped-time ${texts[0]}`],
    [`exact no-zone ${texts[1]}`, `zoned cut-off ${texts[1]}`],
  ])
})

test('jumps that are refused, and the code of a missing zone, which no other replaces', async () => {
  const texts = ['2025-03-09 02:30', '2025-11-02 01:30', '2025-11-02 01:30-06', 'yesterday', '2025-02-30 00:00']
  const zone = 'America/Chicago'
  const rows = await carry(
    database,
    { x: 'text', y: 'text' },
    [...texts.map((x) => ({ x, y: null })), { x: null, y: '2025-01-01 00:00' }, { x: null, y: null }],
    ({ x, y }) => ({
      x: ['timestamptz', instantFromText(x!, { zone, gap: 'refuse', overlap: 'refuse' }).orQuarantine('no-time')],
      y: ['timestamptz', instantFromText(y!).orQuarantine('no-time')],
    }),
  )
  const codes = ['skipped-time', 'ambiguous-time', [], 'no-time', 'no-time', 'no-zone', []]
  expect(rows.map((row) => row.quarantine)).toEqual(codes.map((code) => [code].flat()))
  expect(rows[2]!.values!.x).toBe('2025-11-02 07:30:00+00')
})
