import { expect, test } from 'vitest'
import {
  blankToNull,
  constant,
  correctedWhen,
  decimal,
  noteWhen,
  oneOf,
  quarantineWhen,
  required,
  sql,
  squish,
  withDefault,
} from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()
const inputs = (texts: readonly (string | null)[]) => texts.map((x) => ({ x }))

test('required: what is not there has one of three consequences', async () => {
  const rows = await carry(database, { x: 'text' }, inputs(['a', '', null]), ({ x }) => ({
    other: ['text', required(x!).orElse('?')],
    computed: ['text', required(x!).orElse(sql<string>`'n' || 'one'`, 'none')],
    nothing: ['text', required(x!).orNull()],
  }))
  expect(rows.map((row) => row.values)).toEqual([
    { other: 'a', computed: 'a', nothing: 'a' },
    { other: '', computed: '', nothing: '' },
    { other: '?', computed: 'none', nothing: null },
  ])
  expect(rows.map((row) => row.corrections)).toEqual([
    [],
    [],
    ['computed none null', 'nothing missing null', 'other missing null'],
  ])
  const aside = await carry(database, { x: 'text' }, inputs(['a', ' ', null]), ({ x }) => ({
    y: ['text', required(blankToNull(squish(x!))).orQuarantine('no-name')],
  }))
  expect(aside.map((row) => row.quarantine)).toEqual([[], ['no-name'], ['no-name']])
})

test('withDefault logs each use, constant none', async () => {
  const rows = await carry(database, { x: 'text' }, inputs(['a', null]), ({ x }) => ({
    filled: ['text', withDefault(x!, 'unknown')],
    coded: ['text', withDefault(x!, sql<string>`'e' || '!'`, 'filled-in')],
    fixed: ['int', constant(-5)],
    none: ['text', constant(null)],
    truth: ['boolean', constant(true)],
    quoted: ['text', constant(`it's "\\n"`)],
  }))
  const fixed = { fixed: '-5', none: null, truth: 'true', quoted: `it's "\\n"` }
  expect(rows.map((row) => row.values)).toEqual([
    { filled: 'a', coded: 'a', ...fixed },
    { filled: 'unknown', coded: 'e!', ...fixed },
  ])
  expect(rows.map((row) => row.corrections)).toEqual([[], ['coded filled-in null', 'filled default null']])
})

test('a condition that is unknown is not a condition that holds', async () => {
  const rows = await carry(database, { x: 'text' }, inputs(['bad', 'good', null]), ({ x }) => ({
    aside: ['text', quarantineWhen(x!, 'bad', sql`${x} = 'bad'`)],
    noted: ['text', noteWhen(x!, 'good', sql`${x} = 'good'`)],
    logged: ['text', correctedWhen(sql<string>`upper(${x})`, 'upper', sql`${x} = 'good'`, x!)],
  }))
  expect(rows.map((row) => row.quarantine)).toEqual([['bad'], [], []])
  expect(rows.map((row) => row.notes)).toEqual([[], ['noted good'], []])
  expect(rows.map((row) => row.corrections)).toEqual([[], ['logged upper good'], []])
  expect(rows.map((row) => row.values?.logged)).toEqual([undefined, 'GOOD', null])
})

test('an unknown condition beside one that holds: every reason is told, in the order of the columns', async () => {
  const rows = await carry(
    database,
    { x: 'text', y: 'text' },
    [
      { x: null, y: 'z' },
      { x: 'z', y: 'z' },
    ],
    ({ x, y }) => ({
      one: ['text', quarantineWhen(x!, 'first', sql`${x} = 'z'`)],
      two: ['text', quarantineWhen(y!, 'second', sql`${y} = 'z'`)],
    }),
  )
  expect(rows.map((row) => row.quarantine)).toEqual([['second'], ['first', 'second']])
})

test('nested conversions: every guard on the way counts, once', async () => {
  const rows = await carry(database, { x: 'text' }, inputs([' 1 ', 'x', ' ', null]), ({ x }) => {
    const amount = required(decimal(blankToNull(x!)).orQuarantine('not-an-amount')).orQuarantine('no-amount')
    return { amount: ['numeric', amount], twice: ['numeric', sql`${amount} * 2`] }
  })
  expect(rows.map((row) => row.values?.twice ?? null)).toEqual(['2.000000', null, null, null])
  expect(rows.map((row) => row.quarantine)).toEqual([[], ['not-an-amount', 'no-amount'], ['no-amount'], ['no-amount']])
})

test('a row that is set aside leaves no corrections behind', async () => {
  const rows = await carry(database, { x: 'text' }, inputs(['Clinic Admin', 'nobody']), ({ x }) => ({
    role: ['text', oneOf(x!, ['clinic_admin']).orElse('clinic_admin')],
    check: ['text', quarantineWhen(x!, 'nobody', sql`${x} = 'nobody'`)],
  }))
  expect(rows.map((row) => row.corrections)).toEqual([['role alias Clinic Admin'], []])
})
