import { expect, test } from 'vitest'
import {
  asObject,
  decimal,
  type Expression,
  jsonArray,
  type jsonb,
  jsonObject,
  parseJson,
  required,
  sql,
} from '../../src/index.ts'
import { readsOf } from '../../src/plan/lineage.ts'
import { createDatabase } from '../support/postgres.ts'
import { carry } from './carry.ts'

const database = await createDatabase()

test('jsonObject and jsonArray: values of any type, guards in force, more of them than one call takes', async () => {
  const many = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`m${i}`, sql`${sql.lit(i)}::int`]))
  const rows = await carry(
    database,
    { x: 'text', d: 'date', f: 'float8', b: 'bool', j: 'jsonb' },
    [
      { x: 'it"s', d: '2025-05-31', f: 'NaN', b: 'true', j: '[1]' },
      { x: '12', d: 'infinity', f: '1e1', b: null, j: null },
    ],
    ({ x, d, f, b, j }) => ({
      object: ['jsonb', jsonObject({ "the 'x'": x!, d: d!, f: f!, b: b!, j: j!, n: sql.lit(null), t: sql.lit('a') })],
      array: ['jsonb', jsonArray([x!, jsonObject({ inner: d! }), jsonArray([])])],
      none: ['jsonb', jsonObject({})],
      pairs: ['int', sql`(select count(*) from jsonb_object_keys(${jsonObject(many)}))`],
      entries: ['int', sql`jsonb_array_length(${jsonArray(Object.values(many))})`],
      last: ['text', sql`${jsonObject(many)} ->> 'm119'`],
      amount: ['jsonb', jsonObject({ amount: decimal(x!, { scale: 0 }).orNull('no-amount') })],
    }),
  )
  const of = (column: string) => rows.map((row) => JSON.parse(row.values![column]!))
  expect(of('object')).toEqual([
    { "the 'x'": 'it"s', d: '2025-05-31', f: 'NaN', b: true, j: [1], n: null, t: 'a' },
    { "the 'x'": '12', d: 'infinity', f: 10, b: null, j: null, n: null, t: 'a' },
  ])
  expect(of('array')).toEqual([
    ['it"s', { inner: '2025-05-31' }, []],
    ['12', { inner: 'infinity' }, []],
  ])
  expect(rows.map(({ values }) => [values!.none, values!.pairs, values!.entries, values!.last])).toEqual([
    ['{}', '120', '120', '119'],
    ['{}', '120', '120', '119'],
  ])
  expect(rows.map(({ values }) => values!.amount)).toEqual(['{"amount": null}', '{"amount": 12}'])
  expect(rows.map((row) => row.corrections)).toEqual([['amount no-amount it"s'], []])
})

test('what an object is made of is known, and sets its row aside', async () => {
  const member = sql.ref<string | null>('v.a')
  const object = jsonObject({ a: required(member).orQuarantine('no-a'), b: jsonArray([sql.ref('w.b')]) })
  expect(readsOf(object.toOperationNode())).toEqual(['v.a', 'w.b'])
  const rows = await carry(database, { x: 'text' }, [{ x: 'a' }, { x: null }], ({ x }) => ({
    y: ['jsonb', jsonObject({ x: required(x!).orQuarantine('no-x') })],
  }))
  expect(rows.map((row) => row.quarantine)).toEqual([[], ['no-x']])
})

test('asObject: objects stay, nothing becomes the empty one, other values are wrapped and kept', async () => {
  const inputs = ['{"a": 1}', '{}', null, 'null', '[1]', '"{}"', '0', 'false']
  const rows = await carry(
    database,
    { x: 'jsonb' },
    inputs.map((x) => ({ x })),
    ({ x }) => ({
      y: ['jsonb', asObject(x as Expression<jsonb>, { key: 'value' })],
      z: ['jsonb', asObject(x as Expression<jsonb>, { key: "it's", code: 'wrapped' })],
    }),
  )
  expect(rows.map((row) => row.values!.y)).toEqual([
    ...['{"a": 1}', '{}', '{}', '{}', '{"value": [1]}', '{"value": "{}"}', '{"value": 0}', '{"value": false}'],
  ])
  expect(rows[4]!.values!.z).toBe(`{"it's": [1]}`)
  expect(rows.map((row) => row.corrections)).toEqual([
    ...[[], [], [], []],
    ...['[1]', '"{}"', '0', 'false'].map((x) => [`y not-an-object ${x}`, `z wrapped ${x}`]),
  ])
})

test('a text that is no object becomes one', async () => {
  const rows = await carry(database, { x: 'text' }, [{ x: '{"a":1}' }, { x: '[]' }, { x: 'none' }], ({ x }) => ({
    y: ['jsonb', asObject(parseJson(x!).orNull(), { key: 'value' })],
  }))
  expect(rows.map((row) => row.values!.y)).toEqual(['{"a": 1}', '{"value": []}', '{}'])
  expect(rows.map((row) => row.corrections)).toEqual([[], ['y not-an-object []'], ['y not-json none']])
})
