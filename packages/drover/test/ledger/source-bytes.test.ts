import { expect, test } from 'vitest'
import { readSourceBytes } from '../../src/ledger/source-bytes.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase } from '../support/postgres.ts'

test('the size of a source holds its large values, its partitions or heirs; what stores nothing has none', async () => {
  const database = await createDatabase()
  await database.query(`
    create schema "Old";
    create table "Old"."wide.ones" (id int primary key, text text);
    alter table "Old"."wide.ones" alter text set storage external;
    insert into "Old"."wide.ones" select i, repeat('x', 100000) from generate_series(1, 10) as i;
    create table "Old".parts (id int) partition by range (id);
    create table "Old".low partition of "Old".parts for values from (0) to (50000);
    create table "Old".high partition of "Old".parts for values from (50000) to (100000);
    insert into "Old".parts select generate_series(0, 99999);
    create table "Old".elder (id int);
    create table "Old".heir () inherits ("Old".elder);
    insert into "Old".heir select generate_series(1, 50000);
    create view "Old".seen as select * from "Old".parts`)
  const bytes = (name: string) =>
    withDatabase(database.url, (db) => db.transaction((tx) => readSourceBytes(tx, { schema: 'Old', name })))
  expect(Number(await bytes('wide.ones'))).toBeGreaterThan(1_000_000)
  const [low] = await database.query(`select pg_table_size('"Old".low')::int as size`)
  expect(await bytes('low')).toBe(String(low!.size))
  expect(Number(await bytes('parts'))).toBe(2 * (low!.size as number))
  expect(await bytes('elder')).toBe(await bytes('heir'))
  expect(await bytes('seen')).toBeNull()
})
