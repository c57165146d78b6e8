import { expect, test } from 'vitest'
import { indexKeys } from '../../src/catalog/index-keys.ts'
import { createDatabase } from '../support/postgres.ts'

const definitions = [
  'on s.t (a)',
  'on s.t using hash (a)',
  'on s.t (b desc nulls last, a)',
  'on s.t (b collate "C" text_pattern_ops)',
  "on s.t (lower(b), (a + 1), coalesce(b, 'x, (y'))",
  `on s.t ((b || ''') USING btree ('))`,
  'on s.t ((a::text || b) collate "s"."od,d (name" desc)',
  'on s.t ("c ,(""d") include (a) where a > (1 + 2)',
  'on s.t (s."od,d fn("(b), extract(year from e), (e at time zone \'UTC\'))',
  'on s.t (trim(both from b), nullif(a, 3))',
]

test('gives the keys of any definition as the server tells them one by one', async () => {
  const database = await createDatabase()
  await database.query(`create schema s;
    create collation s."od,d (name" from "C";
    create table s.t (a int, b text, "c ,(""d" text, e timestamp);
    create function s."od,d fn("(text) returns text immutable language sql as 'select $1'`)
  for (const [i, definition] of definitions.entries()) {
    await database.query(`create index "i USING btree (${i}" ${definition}`)
  }
  const rows = await database.query<{ definition: string; keys: readonly string[] }>(`
    select pg_get_indexdef(indexrelid) as definition,
      array(select pg_get_indexdef(indexrelid, n, false) from generate_series(1, indnkeyatts) as n) as keys
    from pg_index where indrelid = 's.t'::regclass`)
  expect(rows).toHaveLength(definitions.length)
  for (const { definition, keys } of rows) {
    const withoutCollation = indexKeys(definition).map((key) => key.replace(/ COLLATE .*$/, ''))
    expect(withoutCollation, definition).toEqual(keys)
  }
})

test.each([
  ['(b COLLATE "C" text_pattern_ops)', ['b COLLATE "C"']],
  ['(b COLLATE s."od,d (name" DESC, a)', ['b COLLATE s."od,d (name"', 'a']],
  ['(b text_pattern_ops)', ['b']],
])('keeps the collation of %s and nothing else', (keys, expected) => {
  expect(indexKeys(`CREATE INDEX i ON s.t USING btree ${keys} WHERE (a > 1)`)).toEqual(expected)
})
