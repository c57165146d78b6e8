import { expect, test } from 'vitest'
import { quarantineWhen, required, sql } from '../../src/index.ts'
import { carryOut, databaseWith, migrationOf } from './planned.ts'

/** A key of each type, its values made of `i`, in an order that is not that of their texts. */
const keys: Readonly<Record<string, readonly [type: string, value: string]>> = {
  texts: ['text', `case when i % 2 = 0 then 'K' else 'k' end || i`],
  words: ['varchar(20)', `'k' || i`],
  padded: ['char(12)', `'k' || i`],
  uuids: ['uuid', 'md5(i::text)::uuid'],
  longs: ['bigint', 'case when i = 11 then 9223372036854775807 else i - 5 end'],
  numerics: ['numeric', `case i when 11 then 'NaN' else i / 3.0 end`],
  doubles: ['float8', `case i when 11 then 'infinity' else i / 3.0::float8 end`],
  instants: ['timestamptz', `timestamptz '2024-01-01 00:00:00.123456+02' + i * interval '1 microsecond'`],
  days: ['date', `case i when 1 then 'infinity' when 2 then '-infinity' else date '2024-01-01' + i::int end`],
  bytes: ['bytea', 'sha256(i::text::bytea)'],
  spans: ['interval', `i * interval '1 day 3 seconds'`],
  lists: ['text[]', `array['a,"b{', i::text, null]`],
  moods: ['old.mood', '(enum_range(null::old.mood))[i]'],
  domains: ['old.code', `'k' || i`],
  folded: ['text collate old.folded', `'k' || i`],
  natural: ['text collate "und-x-icu"', `case when i % 2 = 0 then 'K' else 'k' end || i`],
  citexts: ['ext.citext', `case when i % 2 = 0 then 'K' else 'k' end || i`],
  // Quotes, backslashes, braces: what bounds hold is data.
  quoted: ['text', `repeat('"\\{},''', i::int)`],
}

const names = Object.keys(keys)
const prelude = `
  create schema ext; create extension citext schema ext;
  create collation old.folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  create type old.mood as enum ('m11', 'm10', 'm9', 'm8', 'm7', 'm6', 'm5', 'm4', 'm3', 'm2', 'm1');
  create domain old.code as text check (value <> '');
  ${Object.entries(keys)
    .map(
      ([name, [type, value]]) => `
  create table old.${name} (id ${type} primary key, n int);
  insert into old.${name} select ${value}, i from generate_series(1, 11) as i;
  create table new.${name} (n int primary key);`,
    )
    .join('')}`

test('any type of key cuts a table into chunks that cover every row once', async () => {
  const database = await databaseWith(prelude)
  const m = migrationOf()
  const mappings = names.map((name) =>
    m.map(name, {
      from: (db) => db.selectFrom(`old.${name} as t`),
      key: ({ t }) => t.id!,
      to: `new.${name}`,
      columns: ({ t }) => ({ n: quarantineWhen(t.n!, 'seven', sql`${t.n} = 7`) }),
    }),
  )
  const plan = await carryOut(database, m.migration(mappings))
  const loaded = await database.query(`
    select mapping as name, sum(read)::int as read, sum(loaded)::int as loaded, sum(quarantined)::int as quarantined,
      count(*)::int as chunks
    from drover.chunk group by mapping`)
  const byRange = new Map(plan.mappings.map(({ name, ranges }) => [name, ranges]))
  expect(loaded.toSorted((a, b) => names.indexOf(a.name as string) - names.indexOf(b.name as string))).toEqual(
    names.map((name) => ({
      name,
      read: 11,
      loaded: 10,
      quarantined: 1,
      // One block holds all rows that are cut by their place: it is cut again when it is due.
      chunks: byRange.get(name) === 'key' ? 4 : 3,
    })),
  )
  expect(names.filter((name) => byRange.get(name) !== 'key')).toEqual(['citexts'])
  const originals = await database.query(`select mapping from drover.quarantine where original ->> 'n' = '7'`)
  expect(originals.map((row) => row.mapping).toSorted()).toEqual(names.toSorted())
})

test('a key of several columns, of an expression, of a view, of a partitioned and of an inherited table', async () => {
  const database = await databaseWith(`
    create table old.pairs (a text, b int, primary key (a, b));
    insert into old.pairs select case when i < 7 then 'x' else 'y' end, i from generate_series(1, 12) as i;
    create view old.seen as select b as id from old.pairs;
    create table old.parted (id int primary key) partition by range (id);
    create table old.low partition of old.parted for values from (0) to (6);
    create table old.high partition of old.parted for values from (6) to (50);
    insert into old.parted select generate_series(1, 12);
    create table old.parent (id int primary key);
    create table old.child () inherits (old.parent);
    insert into old.parent select generate_series(1, 6);
    insert into old.child select generate_series(7, 12);
    ${['pairs', 'seen', 'seen_as', 'parted', 'parent'].map((name) => `create table new.${name} (id int primary key);`).join('')}`)
  const m = migrationOf()
  const simple = (name: string, source: string, isComputed = false) =>
    m.map(name, {
      from: (db) => db.selectFrom(`${source} as t`),
      key: ({ t }) => (isComputed ? sql`${t.id} + 0` : t.id!),
      to: `new.${name}`,
      columns: ({ t }) => ({ id: quarantineWhen(t.id!, 'seven', sql`${t.id} = 7`) }),
    })
  const pairs = m.map('pairs', {
    from: (db) => db.selectFrom('old.pairs as t'),
    key: ({ t }) => [t.a!, t.b!],
    to: 'new.pairs',
    columns: ({ t }) => ({ id: quarantineWhen(t.b!, 'seven', sql`${t.b} = 7`) }),
  })
  await carryOut(
    database,
    m.migration([
      pairs,
      simple('seen', 'old.seen'),
      simple('seen_as', 'old.seen', true),
      simple('parted', 'old.parted'),
      simple('parent', 'old.parent', true),
    ]),
  )
  const sums = await database.query(`
    select mapping, sum(read)::int as read, sum(loaded)::int as loaded from drover.chunk group by mapping order by mapping`)
  expect(sums).toEqual(
    ['pairs', 'parent', 'parted', 'seen', 'seen_as'].map((mapping) => ({ mapping, read: 12, loaded: 11 })),
  )
  expect(await database.query(`select source_key, original from drover.quarantine order by mapping`)).toEqual([
    { source_key: '["y", "7"]', original: { a: 'y', b: 7 } },
    ...['7', '7', '7', '7'].map((key) => ({ source_key: key, original: { id: 7 } })),
  ])
})

// I2: nothing is lost without a word.
test.each([
  ['a key that is null', 'case when i = 5 then null else i end', /conservation-broken|chunk-failed/],
  ['a key that occurs twice', 'case when i = 5 then 6 else i end', /conservation-broken/],
])('%s is refused', async (_, value, code) => {
  const database = await databaseWith(`
    create table old.t (id int, n int); insert into old.t select ${value}, i from generate_series(1, 9) as i;
    create table new.t (n int primary key)`)
  const m = migrationOf()
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    to: 'new.t',
    columns: ({ t }) => ({ n: required(t.n!).orQuarantine() }),
  })
  await expect(carryOut(database, m.migration([mapping]))).rejects.toMatchObject({ code: expect.stringMatching(code) })
})
