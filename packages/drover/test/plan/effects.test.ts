import { expect, test } from 'vitest'
import { decimal, derivedUuid, fold, newest, oldest, ref, required, sql, withDefault } from '../../src/index.ts'
import { carryOut, databaseWith, migrationOf } from './planned.ts'

const m = migrationOf()

test('a condition that is unknown excludes, a guard that is unknown does not set aside', async () => {
  const database = await databaseWith(`
    create table old.t (id int primary key, keep boolean, n int);
    insert into old.t values (1, true, 1), (2, false, 1), (3, null, 1), (4, true, null), (5, true, 9), (6, null, 9);
    create table new.t (id int primary key)`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    where: ({ t }) => t.keep!,
    to: 'new.t',
    columns: ({ t }) => ({
      id: sql<string>`case when ${required(t.n!).orElse(0 as never)} > 1 then 5 else ${t.id} end`,
    }),
    dropped: [],
  })
  await carryOut(database, m.migration([mapping]))
  expect(await database.query('select source_key, disposition, id from drover.crosswalk_t order by 1')).toEqual([
    { source_key: '1', disposition: 'loaded', id: 1 },
    { source_key: '2', disposition: 'excluded', id: null },
    { source_key: '3', disposition: 'excluded', id: null },
    { source_key: '4', disposition: 'loaded', id: 4 },
    { source_key: '5', disposition: 'loaded', id: 5 },
    { source_key: '6', disposition: 'excluded', id: null },
  ])
})

test('duplicates: null equals null, the rules decide, then the lowest key; set-aside rows take no part', async () => {
  const database = await databaseWith(`
    create table old.t (id text primary key, name text, made date, amount text);
    insert into old.t values
      ('b', 'X', '2024-01-01', '1'), ('a', ' x ', '2024-01-01', '1'), ('c', 'x', '2023-01-01', 'bad'),
      ('d', null, null, '1'), ('e', null, '2024-01-01', '1'), ('f', 'y', null, '1'), ('B', 'y', null, '1');
    create table new.t (id uuid primary key, amount numeric)`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    identity: ({ t }) => [fold(t.name!)],
    survivor: ({ t }) => oldest(t.made!),
    to: 'new.t',
    columns: ({ t }) => ({ id: derivedUuid(t.id!), amount: decimal(t.amount!).orQuarantine() }),
  })
  await carryOut(database, m.migration([mapping]))
  expect(await database.query('select source_key, disposition from drover.crosswalk_t order by 1')).toEqual([
    { source_key: 'B', disposition: 'loaded' },
    { source_key: 'a', disposition: 'loaded' },
    { source_key: 'b', disposition: 'merged' },
    { source_key: 'c', disposition: 'quarantined' },
    { source_key: 'd', disposition: 'merged' },
    { source_key: 'e', disposition: 'loaded' },
    { source_key: 'f', disposition: 'merged' },
  ])
  expect(await database.query('select source_key, survivor_key from drover.merge order by 1')).toEqual([
    { source_key: 'b', survivor_key: 'a' },
    { source_key: 'd', survivor_key: 'e' },
    { source_key: 'f', survivor_key: 'B' },
  ])
})

test('rows without an identity are no duplicates, under a key of several columns', async () => {
  const database = await databaseWith(`
    create table old.t (a int, b int, ext text, primary key (a, b));
    insert into old.t values (1, 1, 'x'), (1, 2, 'x'), (2, 1, null), (2, 2, null);
    create table new.t (a int, b int, ext text, primary key (a, b))`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => [t.a!, t.b!],
    identity: ({ t }) => ({ by: [t.ext!], when: sql`${t.ext} is not null` }),
    survivor: ({ t }) => newest(t.b!),
    to: 'new.t',
    columns: ({ t }) => ({ a: t.a!, b: t.b!, ext: t.ext! }),
  })
  await carryOut(database, m.migration([mapping]))
  expect(await database.query('select source_key, disposition, a, b from drover.crosswalk_t order by 1')).toEqual([
    { source_key: '["1", "1"]', disposition: 'merged', a: 1, b: 2 },
    { source_key: '["1", "2"]', disposition: 'loaded', a: 1, b: 2 },
    { source_key: '["2", "1"]', disposition: 'loaded', a: 2, b: 1 },
    { source_key: '["2", "2"]', disposition: 'loaded', a: 2, b: 2 },
  ])
})

test('a match of a target whose key has several columns', async () => {
  const people = `
    create table old.t (id int primary key, tenant int not null, mail text);
    create table new.t (tenant int, n int, mail text, primary key (tenant, n));
    insert into new.t values (1, 100, 'a@x'), (1, 200, 'A@x'), (2, 100, 'a@x');`
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    identity: ({ t }) => [t.tenant!, fold(t.mail!)],
    match: {
      on: (to, existing) => sql`${existing.tenant} = ${to.tenant} and ${existing.mail} = ${to.mail}`,
      found: 'keep',
    },
    to: 'new.t',
    columns: ({ t }) => ({ tenant: t.tenant!, n: t.id!, mail: t.mail! }),
  })
  const database = await databaseWith(
    `${people} insert into old.t values (1, 1, 'a@x'), (2, 2, 'a@x'), (3, 2, 'A@x'), (4, 3, 'a@x')`,
  )
  await carryOut(database, m.migration([mapping]))
  expect(await database.query('select source_key, disposition, tenant, n from drover.crosswalk_t order by 1')).toEqual([
    { source_key: '1', disposition: 'matched', tenant: 1, n: 100 },
    { source_key: '2', disposition: 'matched', tenant: 2, n: 100 },
    { source_key: '3', disposition: 'merged', tenant: 2, n: 100 },
    { source_key: '4', disposition: 'loaded', tenant: 3, n: 4 },
  ])
  // One tenant, two people of the target: that they are one was declared of the source's rows, not of them.
  const torn = await databaseWith(`${people} insert into old.t values (1, 1, 'a@x'), (2, 1, 'A@x')`)
  await expect(carryOut(torn, m.migration([mapping]))).rejects.toMatchObject({
    code: 'match-not-injective',
    where: 'mapping t, source keys 1 and 2',
  })
})

test('keys of an identity column are carried as they are', async () => {
  const database = await databaseWith(`
    create table old.t (id int primary key); insert into old.t values (7), (9);
    create table new.t (id int generated always as identity primary key)`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    to: 'new.t',
    columns: ({ t }) => ({ id: t.id! }),
  })
  await carryOut(database, m.migration([mapping]))
  expect(await database.query('select id from new.t order by 1')).toEqual([{ id: 7 }, { id: 9 }])
})

// I8
test('a secret enters the ledger neither with a row that is set aside nor with a correction', async () => {
  const database = await databaseWith(`
    create table old.t (id int primary key, token text, name text);
    insert into old.t values (1, 'hunter2', 'n'), (2, 'hunter2', null);
    create table new.t (id int primary key, token numeric, first text, name text not null)`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    to: 'new.t',
    columns: ({ t }) => ({
      id: t.id!,
      token: decimal(sql<string>`lower(${t.token})`).orNull(),
      first: withDefault(sql<string | null>`nullif(left(${t.token}, 1), 'h')`, '?'),
      name: required(t.name!).orQuarantine(),
    }),
    secret: ['token'],
  })
  await carryOut(database, m.migration([mapping]))
  expect(await database.query('select column_name, code, original from drover.correction order by 1')).toEqual([
    { column_name: 'first', code: 'default', original: null },
    { column_name: 'token', code: 'not-a-number', original: null },
  ])
  expect(await database.query('select original from drover.quarantine')).toEqual([{ original: { id: 2, name: null } }])
  const tables = await database.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'drover'`,
  )
  for (const { name } of tables) {
    const found = await database.query(`select 1 from drover.${name} as t where t::text like '%hunter2%'`)
    expect(found, name).toEqual([])
  }
})

test('a conversion inside a subquery of the author stays there', async () => {
  const database = await databaseWith(`
    create table old.t (id int primary key, mail text);
    insert into old.t values (1, ' A@X '), (2, 'b@x');
    create table old.logins (id int primary key, mail text);
    insert into old.logins values (1, 'a@x'), (2, 'A@X '), (3, 'c@x');
    create table new.t (id int primary key, logins int)`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t'),
    key: ({ t }) => t.id!,
    to: 'new.t',
    columns: ({ t }) => ({
      id: t.id!,
      logins: sql<string>`(select count(*) from old.logins as l where ${fold(sql.ref<string>('l.mail'))} = ${fold(t.mail!)})`,
    }),
  })
  await carryOut(database, m.migration([mapping]))
  expect(await database.query('select id, logins from new.t order by 1')).toEqual([
    { id: 1, logins: 2 },
    { id: 2, logins: 0 },
  ])
})

test('a reference with a key that the crosswalk of a composite target holds', async () => {
  const database = await databaseWith(`
    create table old.p (id text primary key); insert into old.p values ('x');
    create table old.c (id int primary key, p text); insert into old.c values (1, 'x');
    create table new.p (tenant int, code text, primary key (tenant, code));
    create table new.c (id int primary key, p text)`)
  const parents = m.map('p', {
    from: (db) => db.selectFrom('old.p as p'),
    key: ({ p }) => p.id!,
    to: 'new.p',
    targetKey: 'code',
    columns: ({ p }) => ({ tenant: sql<string>`1`, code: sql<string>`upper(${p.id})` }),
  })
  const children = m.map('c', {
    from: (db) => db.selectFrom('old.c as c'),
    key: ({ c }) => c.id!,
    to: 'new.c',
    columns: ({ c }) => ({ id: c.id!, p: ref(c.p!, parents).orQuarantine() }),
  })
  await carryOut(database, m.migration([children, parents]))
  expect(await database.query('select * from new.c')).toEqual([{ id: 1, p: 'X' }])
})
