import { expect, test } from 'vitest'
import { dateFromText, decimal, instantFromText, integer, isoDate, matching, oneOf, squish } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()

test('the blanks that fill up a char(n) are no part of its value', async () => {
  const [row] = await carry(
    database,
    { day: 'char(12)', time: 'char(30)', code: 'char(9)', figure: 'char(9)', word: 'char(9)' },
    [{ day: '2025-05-31', time: '2025-05-31T12:00Z', code: 'A-1', figure: '12', word: 'open' }],
    ({ day, time, code, figure, word }) => ({
      iso: ['date', isoDate(day!).orQuarantine()],
      ymd: ['date', dateFromText(day!, { order: 'ymd' }).orQuarantine()],
      at: ['timestamptz', instantFromText(time!).orQuarantine()],
      code: ['text', matching(code!, '^[A-Z]-[0-9]$').orQuarantine()],
      amount: ['numeric(9,2)', decimal(figure!).orQuarantine()],
      count: ['int', integer(figure!).orQuarantine()],
      word: ['text', oneOf(word!, ['open', 'shut']).orQuarantine()],
      squished: ['text', squish(code!)],
    }),
  )
  expect(row).toEqual({
    values: {
      iso: '2025-05-31',
      ymd: '2025-05-31',
      at: '2025-05-31 12:00:00+00',
      code: 'A-1',
      amount: '12.00',
      count: '12',
      word: 'open',
      squished: 'A-1',
    },
    quarantine: [],
    corrections: [],
    notes: [],
  })
})
