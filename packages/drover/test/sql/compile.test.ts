import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { compile, queryBuilder } from '../../src/sql/compile.ts'
import {
  columnNode,
  expressionOf,
  identifier,
  lines,
  parameter,
  parseName,
  printName,
  tableNode,
} from '../../src/sql/nodes.ts'
import { createDatabase } from '../support/postgres.ts'

const database = await createDatabase()
const print = (query: { toOperationNode(): Parameters<typeof compile>[0] }) => compile(query.toOperationNode())

const nasty = [
  '',
  "'",
  "''",
  '"',
  '\\',
  "\\'",
  '\\\\',
  "E'\\n'",
  '$1',
  '$$',
  '--',
  '/*',
  '*/',
  ';',
  '\n\r\t',
  '%s',
  '{}',
  '🐘',
  '\u202e',
  '\u0001',
  "'; drop table x; --",
  '?',
  ':x',
  '\ufeff',
]

test('texts are the same after a way through the server', async () => {
  const seed = Date.now()
  const texts = [
    ...nasty,
    ...fc
      .sample(fc.string({ unit: 'binary' }), { numRuns: 200, seed })
      .filter((text) => text.isWellFormed() && !text.includes('\0')),
    'x'.repeat(100_000),
  ]
  const query = print(sql`select array[${sql.join(texts.map((text) => sql`${text}::text`))}] as texts`)
  const [row] = await database.query<{ texts: string[] }>(query)
  expect(row!.texts, `seed ${seed}`).toEqual(texts)
  const [literal] = await database.query<{ texts: string[] }>(
    print(sql`select array[${sql.join(texts.map((text) => sql.lit(text)))}] as texts`),
  )
  expect(literal!.texts).toEqual(texts)
})

test('names are the same after a way through the server', async () => {
  const names = [...nasty.filter((name) => name !== ''), 'select', 'Mixed Case', 'a.b', 'naïve', 'x'.repeat(63)]
  await database.query(print(sql`create schema ${expressionOf(identifier('S"c.h'))}`))
  for (const name of names) {
    const table = expressionOf(tableNode({ schema: 'S"c.h', name }))
    await database.query(print(sql`create table ${table} (${expressionOf(identifier(name))} int)`))
    const column = expressionOf(columnNode(name, name))
    const rows = await database.query(
      print(sql`select ${column} from ${table} as ${expressionOf(identifier(name))} where ${column} is null`),
    )
    expect(rows).toEqual([])
  }
  const found = await database.query(
    `select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum = 1 where c.relnamespace = '"S""c.h"'::regnamespace`,
  )
  expect(found.map((row) => [row.relname, row.attname]).toSorted()).toEqual(
    names.map((name) => [name, name]).toSorted(),
  )
})

test('numbers, truth, null and instants keep value and sign wherever they stand', async () => {
  const query = sql`select 1-${-1} as minus, ${-2}::text as cast, - ${-3} as twice, ${-2} ^ ${2} as power, ${0.1} + ${0.2} as exact,
    ${9007199254740993n}::text as long, ${-5n} as negative, ${1e21}::numeric::text as large, ${5e-324}::float8 > 0 as tiny,
    ${Number.NaN}::float8 as nan, ${Number.NEGATIVE_INFINITY}::float8 as least, ${true} as yes, ${null} as none,
    ${new Date('2025-06-01T00:00:00.123Z')}::timestamptz = timestamptz '2025-06-01 00:00:00.123Z' as instant, 5 in ${sql`(${sql.join([-5, 5])})`} as within`
  const [row] = await database.query(print(query))
  expect(row).toEqual({
    minus: 2,
    cast: '-2',
    twice: 3,
    power: 4,
    exact: '0.3',
    long: '9007199254740993',
    negative: -5,
    large: '1000000000000000000000',
    tiny: true,
    nan: Number.NaN,
    least: Number.NEGATIVE_INFINITY,
    yes: true,
    none: null,
    instant: true,
    within: true,
  })
})

test('lists that Kysely makes of values', async () => {
  const db = queryBuilder<{ 'pg_catalog.pg_class': { relname: string; relpages: number } }>()
  const query = db
    .selectFrom('pg_catalog.pg_class as c')
    .select('c.relname')
    .where('c.relname', 'in', ['pg_class', "o'brien"])
    .where('c.relpages', '>', -1)
  expect(print(query)).toBe(
    `select "c"."relname" from "pg_catalog"."pg_class" as "c" where "c"."relname" in ('pg_class', 'o''brien') and "c"."relpages" > (-1)`,
  )
  expect(await database.query(print(query))).toEqual([{ relname: 'pg_class' }])
})

test('what has no literal is refused, without its value', () => {
  for (const value of [{ token: 'hunter2' }, ['hunter2'], Symbol('hunter2'), undefined]) {
    let thrown: unknown
    try {
      print(sql`select ${value}`)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'definition-invalid', remedy: expect.stringMatching(/sql\.join/) })
    expect(String(thrown)).not.toContain('hunter2')
  }
})

test('parameters, lines and names of two parts', () => {
  expect(compile(parameter(2, 'bigint'))).toBe('$2::bigint')
  expect(compile(lines([identifier('a'), identifier('b')], '\n  '))).toBe('"a"\n  "b"')
  expect(parseName('a.b.c')).toEqual({ schema: 'a', name: 'b.c' })
  expect(parseName('t')).toEqual({ schema: 'public', name: 't' })
  expect(printName({ schema: 'a', name: 'b' })).toBe('a.b')
})

test('what was refused leaves nothing behind', () => {
  expect(() => print(sql`select ${[1]}`)).toThrow()
  expect(print(sql`select (${sql`select 1`})`)).toBe('select (select 1)')
})
