import { expect, test } from 'vitest'
import { collect, filled, fold, mostComplete, newest, oldest, quarantineWhen, required, sql } from '../../src/index.ts'
import { carryOut, databaseWith, migrationOf } from '../plan/planned.ts'

const people = `
create table old.people (id int primary key, email text, name text, phone text, seen timestamp);
insert into old.people values
  (1, 'a@x', 'Ann', null, '2024-01-01'), (2, 'A@x', 'Anne', '222', '2024-03-01'), (3, ' a@x', null, '333', '2024-02-01'),
  (4, 'b@x', null, null, null), (5, 'c@x', null, '555', null), (6, 'C@x', 'Cid', '666', '2024-01-01');
create table new.people (id int primary key, name text, phone text, latest_phone text);`

test('a survivor is filled from its duplicates, in the order of the survivors or of rules of its own', async () => {
  const database = await databaseWith(people)
  const m = migrationOf()
  const mapping = m.map('people', {
    from: (db) => db.selectFrom('old.people as p'),
    key: ({ p }) => p.id!,
    identity: ({ p }) => [fold(p.email!)],
    survivor: ({ p }) => oldest(p.seen!),
    to: 'new.people',
    columns: ({ p }) => ({
      id: p.id!,
      name: filled(p.name!),
      phone: filled(p.phone!),
      latest_phone: filled(p.phone!, newest(p.seen!)),
    }),
  })
  await carryOut(database, m.migration([mapping]))
  expect(await database.query('select * from new.people order by id')).toEqual([
    { id: 1, name: 'Ann', phone: '333', latest_phone: '222' },
    { id: 4, name: null, phone: null, latest_phone: null },
    { id: 6, name: 'Cid', phone: '666', latest_phone: '666' },
  ])
  expect(
    await database.query(
      'select source_key, code, column_name, original from drover.correction order by source_key, column_name',
    ),
  ).toEqual([
    { source_key: '1', code: 'filled', column_name: 'latest_phone', original: null },
    { source_key: '1', code: 'filled', column_name: 'phone', original: null },
  ])
})

test('the most complete row survives; what the group lacks sets all of its rows aside', async () => {
  const database = await databaseWith(people)
  const m = migrationOf()
  const mapping = m.map('people', {
    from: (db) => db.selectFrom('old.people as p'),
    key: ({ p }) => p.id!,
    identity: ({ p }) => [fold(p.email!)],
    survivor: ({ p }) => mostComplete(p.name!, p.phone!, p.seen!),
    to: 'new.people',
    columns: ({ p }) => ({
      id: p.id!,
      name: required(filled(p.name!)).orQuarantine('nameless'),
      phone: quarantineWhen(filled(p.phone!), 'unwanted', sql`${filled(p.phone!)} = '666'`),
    }),
    dropped: [],
  })
  await carryOut(database, m.migration([mapping]))
  expect(await database.query('select id, name from new.people order by id')).toEqual([{ id: 2, name: 'Anne' }])
  expect(
    await database.query(
      'select source_key, code, original is null as lost from drover.quarantine order by source_key',
    ),
  ).toEqual([
    { source_key: '4', code: 'nameless', lost: false },
    { source_key: '5', code: 'survivor-quarantined', lost: false },
    { source_key: '6', code: 'unwanted', lost: false },
  ])
  expect(
    await database.query(
      'select sum(read) as read, sum(loaded) as loaded, sum(merged) as merged, sum(quarantined) as quarantined from drover.chunk',
    ),
  ).toEqual([{ read: '6', loaded: '1', merged: '2', quarantined: '3' }])
  expect(await database.query('select source_key from drover.merge order by 1')).toEqual([
    { source_key: '1' },
    { source_key: '3' },
  ])
})

test('many rows become one array: ordered, distinct, without those that are set aside', async () => {
  const database = await databaseWith(`
    create table old.entries (id int primary key, sheet text, name text, at int);
    insert into old.entries values
      (1, 's', 'b', 1), (2, 's', 'a', 2), (3, 's', 'b', 3), (4, 't', 'z', 1), (5, 's', 'bad', 1), (6, 's', null, 9);
    create table new.sheets (id int primary key, sheet text, entries jsonb not null);`)
  const m = migrationOf()
  const mapping = m.map('sheets', {
    from: (db) => db.selectFrom('old.entries as e'),
    key: ({ e }) => e.id!,
    identity: ({ e }) => [e.sheet!],
    to: 'new.sheets',
    columns: ({ e }) => ({
      id: e.id!,
      sheet: e.sheet!,
      entries: collect(
        quarantineWhen(sql`jsonb_build_object('n', ${e.name!}, 'k', ${e.id!})`, 'bad', sql`${e.name!} = 'bad'`),
        {
          orderBy: oldest(e.name!),
          distinct: [e.name!],
          keep: newest(e.at!),
        },
      ),
    }),
  })
  await carryOut(database, m.migration([mapping]))
  expect(await database.query('select * from new.sheets order by id')).toEqual([
    {
      id: 1,
      sheet: 's',
      entries: [
        { n: 'a', k: 2 },
        { n: 'b', k: 3 },
        { n: null, k: 6 },
      ],
    },
    { id: 4, sheet: 't', entries: [{ n: 'z', k: 4 }] },
  ])
  expect(
    await database.query('select source_key, code, column_name from drover.note where source_key is not null'),
  ).toEqual([{ source_key: '1', code: 'superseded', column_name: 'entries' }])
  expect(await database.query('select source_key, disposition from drover.crosswalk_sheets order by 1')).toEqual([
    { source_key: '1', disposition: 'loaded' },
    { source_key: '2', disposition: 'merged' },
    { source_key: '3', disposition: 'merged' },
    { source_key: '4', disposition: 'loaded' },
    { source_key: '5', disposition: 'quarantined' },
    { source_key: '6', disposition: 'merged' },
  ])
})
