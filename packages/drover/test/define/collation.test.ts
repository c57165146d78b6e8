import { expect, test } from 'vitest'
import {
  dateFromText,
  decimal,
  fold,
  instantFromText,
  integer,
  isoDate,
  lowerTrim,
  mapValues,
  matching,
  meaningful,
  oneOf,
  parseJson,
  sql,
  squish,
  stripInvisible,
  trim,
} from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

// Before PostgreSQL 18 the server refuses to search in a text whose collation is not deterministic.
test('texts are read whatever the collation of their column is', async () => {
  const database = await createDatabase()
  await database.query(
    `create collation public.alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
  )
  const [row] = await carry(
    database,
    Object.fromEntries(
      ['day', 'iso', 'time', 'amount', 'count', 'word', 'json'].map((name) => [name, 'text collate public.alike']),
    ),
    [
      {
        day: '5/31/2025',
        iso: '2025-05-31',
        time: '2025-05-31T10:00:00Z',
        amount: '1,234.50',
        count: '7',
        word: ' Öne ',
        json: '{"a": 1}',
      },
    ],
    ({ day, iso, time, amount, count, word, json }) => ({
      day: ['date', dateFromText(day!, { order: 'mdy' }).orQuarantine()],
      short: ['date', dateFromText(day!, { order: 'mdy', twoDigitYearsFrom: 1950 }).orQuarantine()],
      iso: ['date', isoDate(iso!).orQuarantine()],
      time: ['timestamptz', instantFromText(time!).orQuarantine()],
      amount: ['numeric', decimal(amount!).orQuarantine()],
      count: ['int', integer(count!).orQuarantine()],
      trimmed: ['text', trim(word!)],
      lower: ['text', lowerTrim(word!)],
      squished: ['text', squish(word!)],
      visible: ['text', stripInvisible(word!)],
      folded: ['text', fold(word!)],
      one: ['text', oneOf(trim(word!), ['Öne', 'two']).orQuarantine()],
      mapped: ['int', mapValues(count!, { '7': 70 }).orQuarantine()],
      meant: ['text', meaningful(word!, ['n/a']).orQuarantine()],
      fits: ['text', matching(iso!, '^[0-9-]+$').orQuarantine()],
      json: ['jsonb', parseJson(json!).orQuarantine()],
      wide: ['text', sql`upper(${word!})`],
    }),
  )
  expect(row!.quarantine).toEqual([])
  expect(row!.values).toMatchObject({
    day: '2025-05-31',
    short: '2025-05-31',
    iso: '2025-05-31',
    time: '2025-05-31 10:00:00+00',
    amount: '1234.500000',
    count: '7',
    trimmed: 'Öne',
    one: 'Öne',
    mapped: '70',
    fits: '2025-05-31',
    json: '{"a": 1}',
  })
})
