import { expect, test } from 'vitest'
import { fold, quarantineWhen, ref, required, sql } from '../../src/index.ts'
import { fixRows } from '../../src/repair/fix.ts'
import { retryRows } from '../../src/repair/retry.ts'
import { unmergeRow } from '../../src/repair/unmerge.ts'
import { migrationOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import { accountOf, apart, expectEquation, expectSound, loadedWorld, overlay } from './equation.ts'

const none = new Map()

test.concurrent('of a row that stood before the run only the columns that match updates follow', async () => {
  const m = migrationOf('matched')
  const clinics = m.map('clinics', {
    from: (db) => db.selectFrom('old.clinics as c'),
    key: ({ c }) => c.id!,
    to: 'new.clinics',
    columns: ({ c }) => ({ id: c.id!, name: required(c.name!).orQuarantine('no-name') }),
  })
  const people = m.map('people', {
    from: (db) => db.selectFrom('old.people as u'),
    key: ({ u }) => u.id!,
    match: { on: (to, existing) => sql`${existing.mail} = ${to.mail}`, found: 'update', update: ['phone'] },
    to: 'new.people',
    columns: ({ u }) => ({
      id: sql`'u-' || ${u.name}`,
      mail: u.mail!,
      name: u.name!,
      phone: u.phone!,
      clinic_id: ref(u.clinic_id!, clinics).orNull('no-clinic'),
    }),
  })
  const cards = m.map('cards', {
    from: (db) => db.selectFrom('old.people as u'),
    key: ({ u }) => u.id!,
    to: 'new.cards',
    columns: ({ u }) => ({ id: u.id!, phone: required(u.phone!).orQuarantine('no-phone') }),
  })
  const schema = `
    create table old.clinics (id text primary key, name text);
    create table old.people (id text primary key, mail text, name text not null, phone text, clinic_id text);
    insert into old.clinics values ('c1', null);
    insert into old.people values ('1', 'a@x', 'Ann', null, 'c1'), ('2', 'b@x', 'Bea', '2', 'c1');
    create table new.clinics (id text primary key, name text not null);
    create table new.people (id text primary key, mail text, name text, phone text, clinic_id text);
    create table new.cards (id text primary key, phone text not null);
    insert into new.people values ('x', 'a@x', 'Anna', '1', 'own');`
  const database = await expectEquation(
    { schema, migration: m.migration([clinics, people, cards]) },
    overlay('matched', 'old.people', '1', { phone: '11', name: 'Other' }) +
      overlay('matched', 'old.clinics', 'c1', { name: 'One' }),
    async (db) => {
      await fixRows(db, '1', [
        { mapping: 'cards', key: '1', values: { phone: '11', name: 'Other' } },
        { mapping: 'clinics', key: 'c1', values: { name: 'One' } },
      ])
      await retryRows(db, '1', {}, none)
    },
  )
  expect(await database.query(`select * from new.people where mail = 'a@x'`)).toEqual([
    { id: 'x', mail: 'a@x', name: 'Anna', phone: '11', clinic_id: 'own' },
  ])
})

test.concurrent('a row that is tried matches what an earlier mapping has loaded', async () => {
  const m = migrationOf('twins')
  const users = m.map('users', {
    from: (db) => db.selectFrom('old.users as u'),
    key: ({ u }) => u.id!,
    to: 'new.people',
    columns: ({ u }) => ({ id: u.id!, mail: u.mail! }),
  })
  const clients = m.map('clients', {
    from: (db) => db.selectFrom('old.clients as k'),
    key: ({ k }) => k.id!,
    match: { on: (to, existing) => sql`${existing.mail} = ${to.mail}`, found: 'keep' },
    where: ({ k }) => sql`${ref(k.user_id!, users).disposition} is not null or true`,
    to: 'new.people',
    columns: ({ k }) => ({ id: k.id!, mail: required(k.mail!).orQuarantine('no-mail') }),
  })
  const schema = `
    create table old.users (id text primary key, mail text not null);
    create table old.clients (id text primary key, mail text, user_id text);
    insert into old.users values ('u1', 'a@x'), ('u2', 'b@x');
    insert into old.clients values ('k1', 'a@x', null), ('k2', null, null), ('k3', 'c@x', null);
    create table new.people (id text primary key, mail text not null);`
  await expectEquation(
    { schema, migration: m.migration([users, clients]) },
    overlay('twins', 'old.clients', 'k2', { mail: 'b@x' }),
    async (db) => {
      await fixRows(db, '1', [{ mapping: 'clients', key: 'k2', values: { mail: 'b@x' } }])
      await retryRows(db, '1', {}, none)
    },
  )
})

test.concurrent('whatever reads a fixed row follows: duplicates, joins, stored queries, other keys', async () => {
  const m = migrationOf('readers')
  const clinics = m.map('clinics', {
    from: (db) => db.selectFrom('old.clinics as c'),
    key: ({ c }) => c.id!,
    to: 'new.clinics',
    columns: ({ c }) => ({ id: c.id!, fax: required(c.fax!).orQuarantine('no-fax') }),
  })
  const cities = m.map('cities', {
    from: (db) => db.selectFrom('old.clinics as c'),
    key: ({ c }) => c.id!,
    identity: ({ c }) => [fold(c.city!)],
    to: 'new.cities',
    columns: ({ c }) => ({ id: c.id!, name: c.city! }),
  })
  const codes = m.map('codes', {
    from: (db) => db.selectFrom('old.clinics as c'),
    key: ({ c }) => c.code!,
    to: 'new.codes',
    columns: ({ c }) => ({ id: c.code!, fax: c.fax! }),
  })
  const visits = m.map('visits', {
    from: (db) => db.selectFrom('old.visits as v').leftJoin('old.clinics as c', 'c.id', 'v.clinic_id'),
    key: ({ v }) => v.id!,
    to: 'new.visits',
    columns: ({ v, c }) => ({ id: v.id!, fax: c.fax!, city: c.city! }),
  })
  const totals = m.map('totals', {
    from: (db) =>
      db.selectFrom(
        db
          .selectFrom('old.clinics as c')
          .select(({ fn }) => ['c.city', fn.countAll().as('n')])
          .groupBy('c.city')
          .as('t'),
      ),
    key: ({ t }) => sql`coalesce(${t.city}, '-')`,
    to: 'new.totals',
    columns: ({ t }) => ({ id: sql`coalesce(${t.city}, '-')`, n: sql`${t.n}::int` }),
  })
  const schema = `
    create table old.clinics (id text primary key, code text not null unique, city text not null, fax text);
    create table old.visits (id text primary key, clinic_id text);
    insert into old.clinics values
      ('c1', 'k1', 'Kiel', '1'), ('c2', 'k2', 'Ulm', null), ('c3', 'k3', 'ulm', '3'), ('c4', 'k4', 'ULM', '4');
    insert into old.visits values ('v1', 'c1'), ('v2', 'c2'), ('v3', 'c2');
    create table new.clinics (id text primary key, fax text not null);
    create table new.cities (id text primary key, name text);
    create table new.codes (id text primary key, fax text);
    create table new.visits (id text primary key, fax text, city text);
    create table new.totals (id text primary key, n int);`
  const fix = { fax: '2', city: 'Bonn' }
  await expectEquation(
    { schema, migration: m.migration([clinics, cities, codes, visits, totals]) },
    overlay('readers', 'old.clinics', 'c2', fix),
    async (db) => {
      await fixRows(db, '1', [{ mapping: 'clinics', key: 'c2', values: fix }])
      await retryRows(db, '1', {}, none)
    },
  )
})

/** A tree by its own key, and one by a key of two columns. */
const treeSchema = `
  create table old.nodes (id text primary key, parent_id text, name text, size int);
  create table new.nodes (id text primary key, parent_id text references new.nodes, name text, size int check (size < 100));`
const nodesOf = (name: string) => {
  const m = migrationOf(name)
  const parent = m.later('nodes', 'new.nodes')
  return m.migration([
    m.map('nodes', {
      from: (db) => db.selectFrom('old.nodes as n'),
      key: ({ n }) => n.id!,
      to: 'new.nodes',
      columns: ({ n }) => ({
        id: n.id!,
        parent_id: ref(n.parent_id!, parent).orQuarantine('no-parent'),
        name: required(n.name!).orQuarantine('no-name'),
        size: n.size!,
      }),
    }),
  ])
}

test.concurrent('rows that the database refuses in the middle of a tree do not hold up the others', async () => {
  const schema = `${treeSchema}
    insert into old.nodes values ('a', null, null, 1), ('b', 'a', 'B', 1), ('c', 'b', 'C', 1), ('d', 'c', 'D', 1),
      ('e', 'b', 'E', 1), ('f', 'd', 'F', 1);`
  const world = { schema, migration: nodesOf('refused') }
  const database = await loadedWorld(world)
  await database.query(`alter table new.nodes add constraint no_c_no_f check (id not in ('c', 'f'))`)
  await withDatabase(database.url, async (db) => {
    await fixRows(db, '1', [{ mapping: 'nodes', key: 'a', values: { name: 'A' } }])
    await retryRows(db, '1', { keys: ['a'] }, none)
    await expectSound(db)
  })
  expect(await database.query('select id from new.nodes order by id')).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'e' }])
})

test.concurrent('what the application has changed in other columns stays', async () => {
  const m = migrationOf('changed')
  const boss = m.later('staff', 'new.staff')
  const staff = m.map('staff', {
    from: (db) => db.selectFrom('old.staff as s'),
    key: ({ s }) => s.id!,
    to: 'new.staff',
    columns: ({ s }) => ({
      id: s.id!,
      boss_id: ref(s.boss_id!, boss).orNull('no-boss'),
      name: required(s.name!).orQuarantine('no-name'),
    }),
  })
  const database = await loadedWorld({
    schema: `
      create table old.staff (id text primary key, boss_id text, name text);
      insert into old.staff values ('1', null, null), ('2', '1', 'Bea');
      create table new.staff (id text primary key, boss_id text, name text);`,
    migration: m.migration([staff]),
  })
  await database.query(`update new.staff set name = 'Beatrice' where id = '2'`)
  await withDatabase(database.url, async (db) => {
    await fixRows(db, '1', [{ mapping: 'staff', key: '1', values: { name: 'Ann' } }])
    await retryRows(db, '1', {}, none)
  })
  expect(await database.query('select * from new.staff order by id')).toEqual([
    { id: '1', boss_id: null, name: 'Ann' },
    { id: '2', boss_id: '1', name: 'Beatrice' },
  ])
})

test.concurrent('who stands for others and is refused is not replaced by one of them', async () => {
  const m = migrationOf('survivor')
  const people = m.map('people', {
    from: (db) => db.selectFrom('old.people as p'),
    key: ({ p }) => p.id!,
    identity: ({ p }) => [fold(p.name!)],
    to: 'new.people',
    columns: ({ p }) => ({ id: p.id!, name: p.name!, age: sql`${p.age}::int` }),
  })
  const world = {
    schema: `
      create table old.people (id text primary key, name text not null, age text);
      insert into old.people values ('p4', 'Eva', 'old'), ('p5', 'EVA', '5'), ('p6', 'Fay', '6');
      create table new.people (id text primary key, name text, age int);`,
    migration: m.migration([people]),
  }
  const database = await loadedWorld(world)
  const before = await accountOf(database)
  await withDatabase(database.url, async (db) => {
    await retryRows(db, '1', { keys: ['p5'] }, none)
    expect(await accountOf(database)).toEqual(before)
    await retryRows(db, '1', {}, none)
    await expectSound(db)
  })
  expect((await accountOf(database)).target).toEqual(before.target)
})

test.concurrent('rows that a stored query no longer gives are taken back, and the counts hold', async () => {
  const m = migrationOf('gone')
  const visits = m.map('visits', {
    from: (db) => db.selectFrom('old.visits as v'),
    key: ({ v }) => v.id!,
    to: 'new.visits',
    columns: ({ v }) => ({ id: v.id!, day: v.day!, kind: required(v.kind!).orElse('none') }),
  })
  const notes = m.map('notes', {
    from: (db) => db.selectFrom('old.visits as v'),
    key: ({ v }) => v.id!,
    to: 'new.notes',
    columns: ({ v }) => ({
      id: v.id!,
      kind: quarantineWhen(v.kind!, 'no-kind', sql`${v.kind} is null`),
    }),
  })
  const kinds = m.derive('kinds', {
    from: (db) =>
      db.selectFrom(
        db
          .selectFrom('new.visits as v')
          .select(({ fn }) => ['v.kind', fn.countAll().as('n')])
          .groupBy('v.kind')
          .as('k'),
      ),
    key: ({ k }) => k.kind!,
    to: 'new.kinds',
    columns: ({ k }) => ({ id: k.kind!, n: sql`${k.n}::int` }),
  })
  const rare = m.derive('rare', {
    from: (db) =>
      db.selectFrom(
        db
          .selectFrom('new.visits as v')
          .select(['v.kind'])
          .groupBy('v.kind')
          .having(({ fn }) => fn.countAll(), '<', 2)
          .as('k'),
      ),
    key: ({ k }) => k.kind!,
    to: 'new.rare',
    columns: ({ k }) => ({ id: k.kind! }),
  })
  const database = await expectEquation(
    {
      schema: `
        create table old.visits (id text primary key, day date, kind text);
        create table new.rare (id text primary key);
        insert into old.visits values ('1', '2024-01-01', null), ('2', '2024-01-02', 'x');
        create table new.visits (id text primary key, day date, kind text not null);
        create table new.notes (id text primary key, kind text not null);
        create table new.kinds (id text primary key, n int);`,
      migration: m.migration([visits, notes, kinds, rare]),
    },
    overlay('gone', 'old.visits', '1', { kind: 'x' }),
    async (db) => {
      await fixRows(db, '1', [{ mapping: 'notes', key: '1', values: { kind: 'x' } }])
      await retryRows(db, '1', {}, none)
    },
  )
  expect(await database.query('select * from new.kinds')).toEqual([{ id: 'x', n: 2 }])
  expect(await database.query('select * from new.rare')).toEqual([])
})

test.concurrent('a merge is undone across keys of two columns that refer to their own table', async () => {
  const m = migrationOf('tenants')
  const clinics = m.map('clinics', {
    from: (db) => db.selectFrom('old.clinics as c'),
    key: ({ c }) => c.id!,
    identity: ({ c }) => [fold(c.name!)],
    to: 'new.clinics',
    columns: ({ c }) => ({ id: c.id!, name: c.name! }),
  })
  const boss = m.later('staff', 'new.staff')
  const staff = m.map('staff', {
    from: (db) => db.selectFrom('old.staff as s'),
    key: ({ s }) => s.id!,
    identity: (_, to) => [to.clinic_id!, to.name!],
    to: 'new.staff',
    columns: ({ s }) => ({
      id: s.id!,
      clinic_id: ref(s.clinic_id!, clinics).orQuarantine('no-clinic'),
      boss_id: ref(s.boss_id!, boss).orNull('no-boss'),
      name: s.name!,
    }),
  })
  await expectEquation(
    {
      schema: `
        create table old.clinics (id text primary key, name text not null);
        create table old.staff (id text primary key, clinic_id text not null, boss_id text, name text not null);
        insert into old.clinics values ('c1', 'North'), ('c2', 'NORTH');
        insert into old.staff values
          ('1', 'c1', null, 'Ann'), ('2', 'c2', '4', 'Bea'), ('3', 'c1', '1', 'Cid'), ('4', 'c2', null, 'Ann');
        create table new.clinics (id text primary key, name text);
        create table new.staff (id text primary key, clinic_id text not null references new.clinics, boss_id text, name text,
          unique (clinic_id, id), foreign key (clinic_id, boss_id) references new.staff (clinic_id, id));`,
      migration: m.migration([clinics, staff]),
    },
    apart('tenants', 'clinics', 'c2'),
    (db) => unmergeRow(db, '1', { mapping: 'clinics', key: 'c2' }, none),
  )
})

test.concurrent('a loaded row that a fix would set aside stays as it is, with what was logged of it', async () => {
  const m = migrationOf('stays')
  const sizes = m.map('sizes', {
    from: (db) => db.selectFrom('old.rows as r'),
    key: ({ r }) => r.id!,
    to: 'new.sizes',
    columns: ({ r }) => ({ id: r.id!, size: required(r.size!).orQuarantine('no-size') }),
  })
  const names = m.map('names', {
    from: (db) => db.selectFrom('old.rows as r'),
    key: ({ r }) => r.id!,
    to: 'new.names',
    columns: ({ r }) => ({
      id: r.id!,
      name: required(r.name!).orElse('none', 'no-name'),
      size: quarantineWhen(r.size!, 'too-large', sql`${r.size} = 'large'`),
    }),
  })
  const database = await loadedWorld({
    schema: `
      create table old.rows (id text primary key, name text, size text);
      insert into old.rows values ('1', null, null);
      create table new.sizes (id text primary key, size text not null);
      create table new.names (id text primary key, name text not null, size text);`,
    migration: m.migration([sizes, names]),
  })
  await withDatabase(database.url, async (db) => {
    await fixRows(db, '1', [{ mapping: 'sizes', key: '1', values: { size: 'large' } }])
    await retryRows(db, '1', {}, none)
  })
  expect(await database.query('select * from new.names')).toEqual([{ id: '1', name: 'none', size: null }])
  expect(await database.query('select mapping, column_name, code from drover.correction')).toEqual([
    { mapping: 'names', column_name: 'name', code: 'no-name' },
  ])
})
