import { expect, test } from 'vitest'
import { decimal, ref, sql } from '../../src/index.ts'
import { fixRows } from '../../src/repair/fix.ts'
import { retryRows } from '../../src/repair/retry.ts'
import { carryOut, databaseWith, migrationOf } from '../plan/planned.ts'
import { withDatabase } from './fixture.ts'

test('every version of a row that a run or its repairs write bears a recorded transaction', async () => {
  const database = await databaseWith(`
    create table old.visits (id int primary key, parent int, price text not null);
    insert into old.visits select i, nullif(i / 2, 0), case i when 4 then 'free' when 9 then '-1' else i::text end
    from generate_series(1, 20) as i;
    create table new.visits (id int primary key, parent int references new.visits, price numeric check (price > 0));
    insert into new.visits values (1001, null, 7), (1002, null, 8);
    update old.visits set price = price || '.5' where id in (7, 8);
    create table old.rooms (id int primary key, name text not null);
    insert into old.rooms values (1, 'Blue'), (2, 'Red');
    create table new.rooms (id int primary key, name text not null, size int);
    insert into new.rooms values (7, 'Blue', null), (8, 'Green', null);`)
  const m = migrationOf()
  const visits = m.map('visits', {
    from: (db) => db.selectFrom('old.visits as v'),
    key: ({ v }) => v.id!,
    to: 'new.visits',
    columns: ({ v }) => ({
      id: v.id!,
      parent: ref(v.parent!, m.later('visits', 'new.visits')).orNull('no-parent'),
      price: decimal(v.price!).orQuarantine(),
    }),
  })
  const rooms = m.map('rooms', {
    from: (db) => db.selectFrom('old.rooms as r'),
    key: ({ r }) => r.id!,
    match: { on: (to, existing) => sql`${existing.name} = ${to.name}`, found: 'update', update: ['size'] },
    to: 'new.rooms',
    columns: ({ r }) => ({ id: r.id!, name: r.name!, size: sql`5` }),
  })
  await carryOut(database, m.migration([visits, rooms]))
  const foreign = () =>
    database.query(`
      select 'visits' as of, id from new.visits
      where xmin::text::bigint not in (select xid::text::bigint & 4294967295 from drover.transaction where run_id = 1)
      union all
      select 'rooms', id from new.rooms
      where xmin::text::bigint not in (select xid::text::bigint & 4294967295 from drover.transaction where run_id = 1)
      order by 1, 2`)
  const untouched = [
    { of: 'rooms', id: 8 },
    { of: 'visits', id: 1001 },
    { of: 'visits', id: 1002 },
  ]
  expect(await database.query(`select source_key from drover.quarantine order by source_key`)).toEqual([
    { source_key: '4' },
    { source_key: '9' },
  ])
  expect(await foreign()).toEqual(untouched)
  await withDatabase(database.url, async (db) => {
    await fixRows(db, '1', [{ mapping: 'visits', key: '4', values: { price: '4.5' } }])
    await retryRows(db, '1', {}, new Map())
  })
  // The row that was mended, and the rows that refer to it.
  expect(await database.query('select id from new.visits where parent = 4 or id = 4 order by id')).toEqual([
    { id: 4 },
    { id: 8 },
  ])
  expect(await foreign()).toEqual(untouched)
})
