import { beforeAll, describe, expect, test } from 'vitest'
import {
  decimal,
  derivedUuid,
  filled,
  fold,
  instant,
  oldest,
  ref,
  required,
  sql,
  squish,
  type timestamp,
} from '../../src/index.ts'
import { verify } from '../../src/verify/verify.ts'
import { carryOut, databaseWith, migrationOf } from '../plan/planned.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from './fixture.ts'

const comparisonsOf = async (database: TestDatabase) => {
  const { findings } = await withDatabase(database.url, (db) => verify(db, '1', { recheckAfterMs: 0 }))
  return findings.filter(
    ({ check, verdict }) => check === 'row comparison' && (verdict === 'fail' || verdict === 'warn'),
  )
}

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await databaseWith(`
    create table old.rooms (id int primary key, name text);
    create table old.visits (id int primary key, room int, parent int, at timestamp, price text, note text, tags json);
    insert into old.rooms values (1, 'Blue'), (2, 'blue '), (3, 'Red');
    insert into old.visits select i, 1 + i % 3, nullif(i / 2, 0), timestamp '2024-05-01' + i * interval '1 hour',
      case when i = 9 then 'free' else '$ ' || i || '.505' end, case when i % 4 = 0 then '' when i % 4 = 1 then ' a  b ' || i end,
      '{"n": 1}' from generate_series(1, 20) as i;
    create table new.rooms (id uuid primary key, name varchar(20) not null);
    create table new.visits (
      id int primary key, room uuid references new.rooms, parent int references new.visits, at timestamptz(0) not null,
      price numeric(8, 2), note text, tags json, seen timestamptz default now()
    );`)
  const m = migrationOf()
  const rooms = m.map('rooms', {
    from: (db) => db.selectFrom('old.rooms as r'),
    key: ({ r }) => r.id!,
    identity: ({ r }) => [fold(r.name!)],
    survivor: ({ r }) => oldest(r.id!),
    to: 'new.rooms',
    columns: ({ r }) => ({
      id: derivedUuid(sql`(${r.id!})::text`),
      name: required(squish(filled(r.name!))).orQuarantine(),
    }),
  })
  const visits = m.map('visits', {
    from: (db) => db.selectFrom('old.visits as v'),
    key: ({ v }) => v.id!,
    to: 'new.visits',
    columns: ({ v }) => ({
      id: v.id!,
      room: ref(v.room!, rooms).orNull(),
      parent: ref(v.parent!, m.later('visits', 'new.visits')).orNull('no-parent'),
      at: required(instant(sql<timestamp>`${v.at!}`, { zone: 'Europe/Berlin' }).orQuarantine()).orQuarantine(),
      price: decimal(v.price!).orQuarantine(),
      note: squish(v.note!),
      tags: v.tags!,
    }),
  })
  await carryOut(loaded, m.migration([rooms, visits]))
  expect(await comparisonsOf(loaded)).toEqual([])
  await loaded.disconnect()
})

describe('each change of a target row is found, and named by key and column', () => {
  test.each([
    ['a text is changed', `update new.visits set note = 'x' where id = 3`, '3 (changed since: note)'],
    ['null becomes empty', `update new.visits set note = '' where note is null and id = 2`, '2 (changed since: note)'],
    ['empty becomes null', `update new.visits set note = null where id = 4`, '4 (changed since: note)'],
    ['a text is cut off', `update new.visits set note = left(note, -1) where id = 5`, '5 (changed since: note)'],
    [
      'an instant is shifted by an hour',
      `update new.visits set at = at + interval '1 hour' where id = 6`,
      '6 (changed since: at)',
    ],
    ['a number is rounded', `update new.visits set price = round(price) where id = 7`, '7 (changed since: price)'],
    [
      'a number is off by a cent',
      `update new.visits set price = price + 0.01 where id = 7`,
      '7 (changed since: price)',
    ],
    [
      'a reference leads elsewhere',
      `update new.visits set room = (select id from new.rooms where name = 'Red') where id = 3`,
      '3 (changed since: room)',
    ],
    [
      'a reference in a circle leads elsewhere',
      'update new.visits set parent = 1 where id = 10',
      '10 (changed since: parent)',
    ],
    [
      'a reference is lost',
      'update new.visits set room = null, parent = null where id = 12',
      '12 (changed since: room, parent)',
    ],
    ['a document is changed', `update new.visits set tags = '{"n": 2}' where id = 8`, '8 (changed since: tags)'],
    ['a row is lost', 'delete from new.visits where id = 20', '20 (deleted since)'],
    [
      'two values are exchanged',
      'update new.visits as v set price = o.price from new.visits as o where v.id in (1, 2) and o.id = 3 - v.id',
      '1 (changed since: price); 2 (changed since: price)',
    ],
    [
      'a disposition is changed',
      `update drover.crosswalk_visits set disposition = 'excluded' where source_key = '3'`,
      '3 (disposition)',
    ],
    [
      'a crosswalk row is lost',
      `delete from drover.crosswalk_visits where source_key = '3'`,
      '6 (different: parent); 7 (different: parent); 3 (no disposition)',
    ],
    ['a source value is changed', `update old.visits set note = 'new' where id = 3`, '3 (different: note)'],
    [
      'a source row comes',
      `insert into old.visits values (99, 1, null, now(), '1', null, null)`,
      '99 (no disposition)',
    ],
    ['a source row goes', 'delete from old.visits where id = 3', '3 (no source row)'],
  ])('%s', async (_, fault, rows) => {
    const database = await createDatabase(loaded.name)
    await database.query(fault)
    const [finding, ...others] = await comparisonsOf(database)
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      mapping: 'visits',
      verdict: 'fail',
      actual: expect.stringMatching(
        rows.includes(';') ? `^${rows.split(';').length} rows differ: ` : '^1 row differs: ',
      ),
      detail: `Rows are not what the transform makes of their source rows: ${rows}.`,
    })
  })

  test('many are counted, and the lowest keys named', async () => {
    const database = await createDatabase(loaded.name)
    await database.query('update new.visits set price = price + 1')
    const [finding] = await comparisonsOf(database)
    expect(finding).toMatchObject({
      actual: '19 rows differ: 19 changed since',
      detail: expect.stringMatching(/ and 14 more\.$/),
    })
  })
})

test('a run with every disposition, a shared target and hostile names has nothing that differs', async () => {
  expect(await comparisonsOf(await createLoadedDatabase())).toEqual([])
})

test('of existing rows that were updated, what the mapping updates is compared, and nothing else', async () => {
  const database = await databaseWith(`
    create table old.staff (id int primary key, email text, name text, born date);
    insert into old.staff values (1, 'a@x', 'Ann', '2000-01-01'), (2, 'b@x', 'Bo', null), (3, 'c@x', 'Cy', '2000-01-03');
    create table new.people (id int primary key, email text unique, name text, born date);
    insert into new.people values (70, 'a@x', 'A', null), (80, 'b@x', 'B', '1999-09-09');`)
  const m = migrationOf('staff')
  const staff = m.map('staff', {
    from: (db) => db.selectFrom('old.staff as s'),
    key: ({ s }) => s.id!,
    match: { on: (to, existing) => sql`${existing.email!} = ${to.email!}`, found: 'update', update: ['name'] },
    to: 'new.people',
    columns: ({ s }) => ({ id: s.id!, email: s.email!, name: s.name!, born: s.born! }),
  })
  await carryOut(database, m.migration([staff]))
  expect(await comparisonsOf(database)).toEqual([])
  await database.query(`update new.people set name = 'X', born = '1970-01-01' where id in (3, 70)`)
  await database.query(`update new.people set born = '1970-01-01' where id = 80`)
  const [finding] = await comparisonsOf(database)
  expect(finding).toMatchObject({ actual: '2 rows differ: 2 changed since' })
  expect(finding!.detail).toContain('1 (changed since: name)')
  expect(finding!.detail).toContain('3 (changed since: name, born)')
})

test('of what is secret a sample shows the column, and not even the shape of its value', async () => {
  const database = await databaseWith(`
    create table old.accounts (id int primary key, name text, token text);
    insert into old.accounts values (1, 'Ann', 'ab-123');
    create table new.accounts (id int primary key, name text, token text, size int);`)
  const m = migrationOf('accounts')
  const accounts = m.map('accounts', {
    from: (db) => db.selectFrom('old.accounts as a'),
    key: ({ a }) => a.id!,
    to: 'new.accounts',
    secret: ['token'],
    columns: ({ a }) => ({ id: a.id!, name: a.name!, token: a.token!, size: sql<number>`length(${a.token!})` }),
  })
  await carryOut(database, m.migration([accounts]))
  await database.query(`update new.accounts set name = 'Bo', token = null, size = 7`)
  expect((await comparisonsOf(database))[0]!.sample).toEqual([
    {
      key: { key: '1' },
      fault: 'changed since',
      source: { name: 'aaa', token: 'secret', size: 'secret' },
      target: { name: 'aa', token: 'secret', size: 'secret' },
    },
  ])
})
