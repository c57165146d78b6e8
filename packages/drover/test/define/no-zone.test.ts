import { expect, test } from 'vitest'
import { businessDate, instant, instantFromText, sql, type text } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()

test('a time that needs a zone which is null is told, not lost', async () => {
  const rows = await carry(
    database,
    { x: 'timestamp', written: 'text', zone: 'text' },
    [
      { x: '2025-01-15 12:00', written: '2025-01-15T12:00', zone: 'America/Chicago' },
      { x: '2025-01-15 12:00', written: '2025-01-15T12:00', zone: null },
      // What needs no zone does not miss it.
      { x: '2025-01-15 00:00', written: '2025-01-15T12:00Z', zone: null },
      { x: null, written: null, zone: null },
      { x: 'infinity', written: 'never', zone: null },
    ],
    ({ x, written, zone }) => ({
      at: ['timestamptz', instant(x!, { zone: sql<text>`${zone}` }).orNull()],
      day: ['date', businessDate(x!, { zone: sql<text>`${zone}` }).orNull('no-day')],
      read: ['timestamptz', instantFromText(written!, { zone: sql<text>`${zone}` }).orNull()],
    }),
  )
  const codes = rows.map((row) => row.corrections.map((line) => line.split(' ').slice(0, 2).join(' ')))
  expect(codes).toEqual([
    [],
    ['at no-zone', 'day no-zone', 'read no-zone'],
    ['at no-zone'],
    [],
    ['at not-finite', 'day no-day', 'read not-an-instant'],
  ])
  expect(rows.map(({ values }) => [values!.at, values!.day, values!.read])).toEqual([
    ['2025-01-15 18:00:00+00', '2025-01-15', '2025-01-15 18:00:00+00'],
    [null, null, null],
    [null, '2025-01-15', '2025-01-15 12:00:00+00'],
    [null, null, null],
    [null, null, null],
  ])
})
