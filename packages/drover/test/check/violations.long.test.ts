import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { openDatabase } from '../../src/db/pg.ts'
import { type Expression, filled, type MigrationDefinition, ref, sql } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { catalogOf, migrationOf } from '../plan/planned.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { checkOf } from './checked.ts'

const m = migrationOf()

type Row = Record<string, Expression<unknown>>

/** Rooms and beds, carried over as they are. */
const migration = (bed: (b: Row) => Row = () => ({})): MigrationDefinition => {
  const rooms = m.map('rooms', {
    from: (db) => db.selectFrom('old.rooms as r'),
    key: ({ r }) => r.id!,
    to: 'new.rooms',
    // What an expression makes of a column may be null: that is not known before.
    columns: ({ r }) => ({ id: r.id!, name: sql`${r.name} || ''` }),
  })
  const beds = m.map('beds', {
    from: (db) => db.selectFrom('old.beds as b'),
    key: ({ b }) => b.id!,
    to: 'new.beds',
    columns: ({ b }) => ({
      id: b.id!,
      room: ref(b.room!, rooms).orNull(),
      name: sql`${b.name} || ''`,
      width: b.width!,
      code: b.code!,
      ...(bed(b as never) as object),
    }),
    dropped: ['twin_id'],
  })
  return m.migration([rooms, beds])
}

const schema = `
  create schema old; create schema new;
  create table old.rooms (id int primary key, name text);
  create table old.beds (id int primary key, room int, name text, width numeric, code text, twin_id int);
  create table new.rooms (id int primary key, name text);
  create table new.beds (id int primary key, room int, name text, width numeric, code text);
  insert into old.rooms values (1, 'a'), (2, 'b');
  insert into old.beds select i, 1 + i % 2, 'bed ' || i, i, 'c' || i, null from generate_series(1, 20) as i;`

let database: TestDatabase
let db: Database

beforeAll(async () => {
  database = await createDatabase()
  db = await openDatabase(database.url, { connections: 4 })
})

afterAll(() => db.close())

async function found(statements: string, what: MigrationDefinition = migration()) {
  await database.query('drop schema if exists old, new, drover cascade')
  await database.query(schema)
  await database.query(statements)
  return checkOf(db, database, what)
}

const violationsIn = ({ mappings }: Awaited<ReturnType<typeof found>>) =>
  mappings.flatMap(({ mapping, violations }) =>
    violations.map(({ kind, constraint, rows, keys }) => [mapping, kind, constraint, Number(rows), keys]),
  )

test('in clean data nothing is found', async () => {
  const check = await found(`
    alter table new.beds alter name set not null, alter name type varchar(6), alter width type numeric(4, 2),
      add check (width > 0), add unique (room, code), add foreign key (room) references new.rooms;
    create unique index on new.beds (lower(name)) where width < 10`)
  expect(violationsIn(check)).toEqual([])
  expect(
    check.mappings.flatMap(({ findings, orphans, codes, notChecked }) => [findings, orphans, codes, notChecked].flat()),
  ).toEqual([])
  expect(check.guessed).toEqual([])
})

describe('each rule of the target, broken alone, with its rows and keys', () => {
  test.each<[string, string, (readonly unknown[])[]]>([
    [
      'not null',
      'alter table new.beds alter name set not null; update old.beds set name = null where id > 13',
      [['beds', 'not-null', null, 7, ['14', '15', '16', '17', '18']]],
    ],
    [
      'a length; blanks beyond it are cut off',
      `alter table new.beds alter name type varchar(6);
       update old.beds set name = 'bed 19  ' where id < 5; update old.beds set name = 'bed 190' where id = 8`,
      [['beds', 'length', null, 1, ['8']]],
    ],
    [
      'a precision, after rounding',
      `alter table new.beds alter width type numeric(3, 1);
       update old.beds set width = 99.94 where id = 4; update old.beds set width = 99.95 where id in (5, 6);
       update old.beds set width = 'NaN' where id = 7`,
      [['beds', 'precision', null, 2, ['5', '6']]],
    ],
    [
      'a check, over the value that the column would hold',
      `alter table new.beds alter width type numeric(4, 0), add constraint wide check (width > 2);
       update old.beds set width = 2.4 where id = 9; update old.beds set width = null where id = 10`,
      [['beds', 'check', 'wide', 3, ['1', '2', '9']]],
    ],
    [
      'a check of a domain',
      `create domain new.word as text constraint lower_case check (value = lower(value)) check (value <> 'ix');
       alter table new.beds alter code type new.word; update old.beds set code = upper(code) where id = 3`,
      [['beds', 'check', 'lower_case', 1, ['3']]],
    ],
    [
      'a unique constraint: the lowest key has the place, nulls are not equal',
      `alter table new.beds add constraint one_code unique (code);
       update old.beds set code = 'same' where id in (4, 7, 9); update old.beds set code = null where id < 3`,
      [['beds', 'unique', 'one_code', 2, ['7', '9']]],
    ],
    [
      'a unique index that is partial and over an expression, with the rows that stand',
      `create unique index one_name on new.beds (lower(name)) where width < 10;
       update old.beds set name = 'BED 3' where id in (5, 15); insert into new.beds values (99, 1, 'Bed 8', 1, 'x')`,
      [['beds', 'unique', 'one_name', 2, ['5', '8']]],
    ],
    [
      'a check with a column that is left to its default, and one that the server generates',
      `alter table new.beds add place text default 'A', add size numeric generated always as (width * 2) stored,
         add constraint placed check (place = 'A' and size < 38)`,
      [['beds', 'check', 'placed', 2, ['19', '20']]],
    ],
    [
      'a key that stands in the target',
      "insert into new.beds values (4, 1, 'x', 1, 'y')",
      [['beds', 'standing', 'beds_pkey', 1, ['4']]],
    ],
    [
      'a foreign key that no reference carries',
      `create table new.codes (code text primary key); insert into new.codes select 'c' || i from generate_series(3, 20) as i;
       alter table new.beds add constraint known foreign key (code) references new.codes; update old.beds set code = null where id = 1`,
      [['beds', 'foreign-key', 'known', 1, ['2']]],
    ],
    [
      'a foreign key of several columns that must be null together',
      `create table new.pairs (a numeric, b text, primary key (a, b)); insert into new.pairs select i, 'c' || i from generate_series(1, 20) as i;
       alter table new.beds add constraint paired foreign key (width, code) references new.pairs match full;
       update old.beds set code = null where id = 1; update old.beds set code = null, width = null where id = 2;
       update old.beds set code = 'c1' where id = 3`,
      [['beds', 'foreign-key', 'paired', 2, ['1', '3']]],
    ],
  ])('%s', async (_, statements, expected) => {
    const check = await found(statements)
    expect(violationsIn(check)).toEqual(expected)
    expect(check.mappings.flatMap(({ findings }) => findings)).toHaveLength(expected.length)
  })

  test('a unique constraint in which nulls are equal', async () => {
    const { serverVersion } = await catalogOf(database)
    if (serverVersion < 150_000) return
    const check = await found(`alter table new.beds add constraint one_code unique nulls not distinct (code);
      update old.beds set code = null where id in (6, 8)`)
    expect(violationsIn(check)).toEqual([['beds', 'unique', 'one_code', 1, ['8']]])
  })

  test('one target key for two rows', async () => {
    const check = await found(
      '',
      migration((b) => ({ id: sql`${b.id} / 2` })),
    )
    expect(violationsIn(check)).toEqual([['beds', 'target-twice', 'beds_pkey', 9, ['11', '13', '15', '17', '19']]])
  })
})

test('what the run then refuses is what was found, row by row', async () => {
  const check = await found(`
    alter table new.beds alter name set not null, add check (width < 19), add constraint one_name unique (name);
    update old.beds set name = null where id = 3; update old.beds set name = 'bed 4' where id = 5;
    update old.beds set code = 'gone' where id = 7`)
  // Of two rows with one name, whichever comes first has the place.
  const rowsOf = (keys: readonly string[]) =>
    keys.map((key) => (key === '4' || key === '5' ? '4 or 5' : key)).toSorted()
  const rows = violationsIn(check).flatMap(([, , , , keys]) => keys as string[])
  await run(db, buildPlan(migration(), await catalogOf(database)), { allowed: hazardNames, rowsPerChunk: 100 })
  const refused = await database.query<{ source_key: string }>(
    'select source_key from drover.quarantine where sqlstate is not null',
  )
  expect(rowsOf(rows)).toEqual(rowsOf(refused.map(({ source_key }) => source_key)))
  expect(rows).toHaveLength(4)
})

test('rows of the target that would get new values are judged too', async () => {
  const evolving = m.migration([
    m.evolve('rooms', {
      from: (db) => db.selectFrom('new.rooms as r'),
      to: 'new.rooms',
      columns: ({ r }) => ({ name: sql`${r.name} || '!'` }),
    }),
  ])
  const check = await found(
    `insert into new.rooms values (1, 'a'), (2, 'a!'), (3, 'abc'); alter table new.rooms alter name type varchar(3), add unique (name)`,
    evolving,
  )
  // 'a' becomes 'a!', which stands no longer: 2 gets 'a!!'.
  expect(violationsIn(check)).toEqual([['rooms', 'length', null, 1, ['3']]])
})

test('what is not looked at is named', async () => {
  const check = await found(
    `
    create extension if not exists btree_gist schema public;
    create function new.number() returns int language sql volatile as 'select 7';
    alter table new.beds add number int default new.number(), add constraint numbered check (number > 5),
      add constraint apart exclude using gist (room public.gist_int4_ops with =);
    create unique index broken on new.beds (id, width);
    update pg_index set indisvalid = false where indexrelid = 'new.broken'::regclass`.replace(
      'public.gist_int4_ops ',
      '',
    ),
  )
  const beds = check.mappings.find(({ mapping }) => mapping === 'beds')!
  expect(beds.notChecked).toEqual([
    'apart of new.beds: exclusion constraints are not checked.',
    'numbered of new.beds: it reads a column whose value is not foreseen.',
    'broken of new.beds: it is not valid, and may hold for new rows all the same.',
  ])
})

test('a constraint that raises an error leaves the rest of the check as it is', async () => {
  const check = await found(`alter table new.beds add constraint odd check (1 / width < 2);
    update old.beds set width = 0 where id = 4; update old.beds set room = 77 where id = 5`)
  const beds = check.mappings.find(({ mapping }) => mapping === 'beds')!
  expect(beds.notChecked).toEqual([
    expect.stringMatching(/^The rules of new\.beds: the server cannot judge them \(.*22012/),
  ])
  expect(beds).toMatchObject({ read: 20n, loaded: 20n, violations: [] })
  expect(beds.codes).toMatchObject([{ code: 'orphan', rows: 1n }])
})

describe('references that lead nowhere, counted before any policy', () => {
  test('one that the mapping alone declares, and one that the source declares', async () => {
    const alone = await found(
      'update old.beds set room = 70 + id where id > 12; update old.beds set room = null where id = 1',
    )
    const orphans = { parent: 'rooms', reads: ['b.room'], rows: 8n, keys: ['13', '14', '15', '16', '17'] }
    expect(alone.mappings[1]!.orphans).toEqual([{ kind: 'reference', ...orphans }])
    const declared = await found(`update old.beds set room = 70 + id where id > 12;
      alter table old.beds add foreign key (room) references old.rooms not valid`)
    expect(declared.mappings[1]!.orphans).toEqual([{ kind: 'foreign-key', ...orphans }])
  })

  test('a parent that is set aside is no orphan', async () => {
    const check = await found(
      'update old.rooms set name = null where id = 2; alter table new.rooms alter name set not null',
    )
    expect(check.mappings[1]!.orphans).toEqual([])
  })

  test('a reference to the mapping itself', async () => {
    const tree = m.migration([
      m.map('beds', {
        from: (db) => db.selectFrom('old.beds as b'),
        key: ({ b }) => b.id!,
        to: 'new.beds',
        columns: ({ b }) => ({ id: b.id!, room: ref(b.twin_id!, m.later('beds', 'new.beds')).orNull() }),
        dropped: ['room', 'name', 'width', 'code'],
      }),
    ])
    const check = await found(
      'update old.beds set twin_id = 1 where id < 5; update old.beds set twin_id = 99 where id in (8, 9)',
      tree,
    )
    expect(check.mappings[0]!.orphans).toMatchObject([{ parent: 'beds', rows: 2n, keys: ['8', '9'] }])
  })

  test('one that its name alone tells of is marked as guessed', async () => {
    const twins = `create table old.twins (id int primary key); insert into old.twins values (1);
      update old.beds set twin_id = 1 where id < 5; update old.beds set twin_id = id where id > 17`
    expect((await found(twins)).guessed).toEqual([
      {
        table: 'old.beds',
        column: 'twin_id',
        parent: 'old.twins',
        parentColumn: 'id',
        rows: 3n,
        keys: ['18', '19', '20'],
      },
    ])
    const another = await found(twins.replace('id int primary key', 'id bigint primary key'))
    expect(another.guessed).toEqual([])
  })
})

test('rows are not named by a key that a mapping keeps to itself', async () => {
  const hiding = m.migration([
    m.map('hidden', {
      from: (db) => db.selectFrom(db.selectFrom('old.beds as b').select(['b.id', 'b.code', 'b.twin_id']).as('q')),
      key: ({ q }) => q.code!,
      to: 'new.rooms',
      columns: ({ q }) => ({ id: sql`substr(${q.code}, 2)::int` }),
      personal: ['id'],
    }),
  ])
  const twins = 'create table old.twins (id int primary key); update old.beds set twin_id = id where id > 17'
  expect((await found(twins, hiding)).guessed).toMatchObject([{ column: 'twin_id', rows: 3n, keys: [] }])
})

test.each([
  ['alone', false],
  // Rows that are stored for a value of their group are no duplicates of themselves.
  ['with a value of the group', true],
])('duplicates by the identity of a mapping: groups, rows beyond the first, the largest; %s', async (_, isFilled) => {
  const merging = m.migration([
    m.map('beds', {
      from: (db) => db.selectFrom('old.beds as b'),
      key: ({ b }) => b.id!,
      identity: ({ b }) => [b.code!],
      to: 'new.beds',
      columns: ({ b }) => ({ id: b.id!, code: b.code!, name: isFilled ? filled(b.name!) : b.name! }),
      dropped: ['room', 'width', 'twin_id'],
    }),
  ])
  const check = await found(
    `update old.beds set code = 'x' where id in (2, 4, 6, 8); update old.beds set code = 'y' where id in (1, 3)`,
    merging,
  )
  expect(check.mappings[0]).toMatchObject({
    merged: 4n,
    duplicates: { groups: 2n, extra: 4n, largest: 4n, keys: ['2', '1'] },
  })
})

test('an existing row that several source rows stand for would make the run fail', async () => {
  const matching = m.migration([
    m.map('beds', {
      from: (db) => db.selectFrom('old.beds as b'),
      key: ({ b }) => b.id!,
      to: 'new.beds',
      match: { on: (to, existing) => sql`${to.code} = ${existing.code}`, found: 'keep' },
      columns: ({ b }) => ({ id: b.id!, code: b.code! }),
      dropped: ['room', 'name', 'width', 'twin_id'],
    }),
  ])
  const check = await found(
    `insert into new.beds (id, code) values (101, 'x'), (102, 'c9'); update old.beds set code = 'x' where id in (2, 4, 6)`,
    matching,
  )
  expect(violationsIn(check)).toEqual([['beds', 'match-twice', null, 2, ['4', '6']]])
})
