import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findTable } from '../../src/catalog/catalog.ts'
import type { Database } from '../../src/db/connection.ts'
import { openDatabase } from '../../src/db/pg.ts'
import { sql } from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { canonicalRow, type DigestAlgorithm, digestOf } from '../../src/plan/digest.ts'
import { compile } from '../../src/sql/compile.ts'
import { expressionOf, tableNode } from '../../src/sql/nodes.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { databaseWith } from './planned.ts'

/** The query for the digest of a table that has these columns and rows. */
async function queryOf(columns: string, rows: string, algorithm: DigestAlgorithm): Promise<string> {
  const fill = rows === '' ? '' : `insert into new.t values ${rows}`
  await database.query(`drop table if exists new.t; create table new.t (${columns}); ${fill}`)
  const catalog = await db.transaction((tx) => readWholeCatalog(tx, ['old', 'new']))
  const table = findTable(catalog, 'new.t')!
  const digest = digestOf(canonicalRow(table), expressionOf(tableNode(table)), algorithm)
  return compile(
    sql`select ${digest.rows} as rows, ${digest.high} as high, ${digest.low} as low ${digest.from}`.toOperationNode(),
  )
}

let database: TestDatabase
/** One for all tests: a session that knows the system's tables reads them several times faster. */
let db: Database

beforeAll(async () => {
  database = await databaseWith(`create type new.pair as (a text, b numeric)`)
  db = await openDatabase(database.url)
})

afterAll(() => db.close())

describe.each(['md5', 'sha256'] as const)('%s', (algorithm) => {
  // The settings are those of the session, besides drover's own.
  const digest = async (columns: string, rows: string, settings: Record<string, string> = {}) => {
    const query = await queryOf(columns, rows, algorithm)
    const [row] = await db.transaction((tx) => tx.query(query), { settings })
    return row
  }

  test.each([
    ['where one value ends and the next begins', 'a text, b text', `('ab', 'c')`, `('a', 'bc')`],
    ['a null, an empty text', 'a text', '(null)', `('')`],
    ['a null, the text NULL', 'a text', '(null)', `('NULL')`],
    ['an empty text, the text NULL', 'a text', `('')`, `('NULL')`],
    ['in which column the null is', 'a text, b text', `(null, 'x')`, `('x', null)`],
    ['separators within values', 'a text, b text', `('x,y', 'z')`, `('x', 'y,z')`],
    ['quotes within values', 'a text, b text', `('x","y', 'z')`, `('x', 'y","z')`],
    ['parentheses and backslashes', 'a text, b text', `('x)(', '\\')`, `('x', ')(\\')`],
    ['what was exchanged between rows', 'a text, b text', `('a', '1'), ('b', '2')`, `('a', '2'), ('b', '1')`],
    ['two rows for one', 'a text', `('a'), ('a')`, `('a')`],
    ['two rows that are alike for two others', 'a text', `('a'), ('a')`, `('b'), ('b')`],
    ['a trailing space', 'a text', `('a')`, `('a ')`],
    ['case', 'a text', `('a')`, `('A')`],
    ['an hour', 'a timestamptz', `('2024-03-31 01:00Z')`, `('2024-03-31 02:00Z')`],
    ['a microsecond', 'a timestamp', `('2024-01-01 00:00:00.000001')`, `('2024-01-01')`],
    ['the last digit of a float', 'a float8', `(0.1::float8 + 0.2::float8)`, `(0.3)`],
    ['a null in an array, the text NULL', 'a text[]', `(array['x', null])`, `(array['x', 'NULL'])`],
    ['an empty array, a null, an array of a null', 'a text[]', `('{}')`, `(array[null::text])`],
    ['a null for an empty array', 'a text[]', `('{}')`, '(null)'],
    ['where one element ends', 'a text[]', `(array['a,b'])`, `(array['a', 'b'])`],
    ['a composite of nulls, a null', 'a new.pair', `(row(null, null)::new.pair)`, '(null)'],
    ['within a composite', 'a new.pair', `(row('a,1', null)::new.pair)`, `(row('a', 1)::new.pair)`],
    ['a value of a document', 'a jsonb', `('{"a": 1}')`, `('{"a": "1"}')`],
    ['the text of json', 'a json', `('{"a":1}')`, `('{"a": 1}')`],
  ])('tells apart: %s', async (_, columns, rows, others) => {
    expect(await digest(columns, rows)).not.toEqual(await digest(columns, others))
  })

  test.each([
    ['the order of rows', 'a text, b int', `('a', 1), ('b', 2), ('c', null)`, `('c', null), ('a', 1), ('b', 2)`],
    ['the scale of a number', 'a numeric', '(1.0), (100), (0.00)', '(1.00), (100.000), (0)'],
    ['the sign of zero', 'a float8, b float4', `('-0', '-0')`, `('0', '0')`],
    ['the zone in which an instant is written', 'a timestamptz', `('2024-07-01 12:00+02')`, `('2024-07-01 10:00Z')`],
    [
      'the order of keys',
      'a jsonb',
      `('{"b": 1, "a": {"d": null, "c": []}}')`,
      `('{"a": {"c": [], "d": null}, "b": 1}')`,
    ],
  ])('is the same whatever %s', async (_, columns, rows, others) => {
    expect(await digest(columns, rows)).toEqual(await digest(columns, others))
  })

  test('is the same in any zone, on both sides of a change of the clock', async () => {
    const rows = `('2024-03-31 00:59:59Z'), ('2024-10-27 01:30Z'), ('2024-10-27 00:30Z'), ('infinity'), ('0044-03-15 12:00Z BC')`
    const digests = []
    for (const timezone of ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu']) {
      digests.push(await digest('a timestamptz', rows, { timezone }))
    }
    expect(new Set(digests.map((each) => JSON.stringify(each))).size).toBe(1)
  })

  test('the declared scale of a column does not matter, nor values that are no numbers', async () => {
    const rows = `(1.5), (2), ('NaN')`
    expect(await digest('a numeric(10, 2)', rows)).toEqual(await digest('a numeric', rows))
    await expect(digest('a numeric, b float8', `('Infinity', '-Infinity')`)).resolves.toMatchObject({ rows: '1' })
  })

  test('is what the hashes of the printed rows add up to', async () => {
    const texts = ['(1,"a b")', '(2,)']
    const halves = texts.map((text) => {
      const hash = createHash(algorithm).update(text).digest()
      return [hash.readBigInt64BE(0), hash.readBigInt64BE(8)] as const
    })
    const [high, low] = [halves[0]![0] + halves[1]![0], halves[0]![1] + halves[1]![1]]
    expect(await digest('a int, b text', `(1, 'a b'), (2, null)`)).toEqual({
      rows: '2',
      high: `${high}`,
      low: `${low}`,
    })
    expect(await digest('a int', '')).toEqual({ rows: '0', high: '0', low: '0' })
  })

  test('can be shared by several processes', async () => {
    const query = await queryOf('a numeric, b timestamptz, c float8', `(1, now(), 0)`, algorithm)
    const cheap = { parallel_setup_cost: '0', parallel_tuple_cost: '0', min_parallel_table_scan_size: '0' }
    const plan = await db.transaction((tx) => tx.query(`explain ${query}`), { readOnly: true, settings: cheap })
    expect(JSON.stringify(plan)).toContain('Partial Aggregate')
  })
})
