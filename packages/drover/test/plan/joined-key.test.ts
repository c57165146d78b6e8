import { expect, test } from 'vitest'
import { derivedUuid, fold, oldest, sql, type text } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { carryOut, catalogOf, databaseWith, migrationOf } from './planned.ts'

const m = migrationOf()

test('duplicates whose survivor is refused are set aside, also where the key is made of a joined relation', async () => {
  const database = await databaseWith(`
    create table old.kinds (id int primary key, kind text not null);
    create table old.t (id int primary key, kind_id int references old.kinds, name text not null, amount text, note text);
    insert into old.kinds values (1, 'a'), (2, 'b');
    insert into old.t values (1, 1, 'Ada', 'x', 'one'), (2, 1, 'ada', '5', 'two'), (3, 2, 'Bob', '7', 'three');
    create table new.t (id uuid primary key, name text not null check (name <> 'Ada'))`)
  const mapping = m.map('t', {
    from: (db) => db.selectFrom('old.t as t').leftJoin('old.kinds as k', 'k.id', 't.kind_id'),
    key: ({ t, k }) => sql<text>`${k.kind} || ${t.id}`,
    identity: ({ t }) => [fold(t.name!)],
    survivor: ({ t }) => oldest(t.id!),
    to: 'new.t',
    columns: ({ t, k }) => ({
      id: derivedUuid(sql<text>`${k.kind} || ${t.id}`),
      name: t.name!,
    }),
    dropped: ['amount', 'note'],
  })
  await carryOut(database, m.migration([mapping]))
  expect(
    await database.query(`select source_key, code, original ->> 'note' as note from drover.quarantine order by 1`),
  ).toEqual([
    { source_key: 'a1', code: 'error-23514', note: 'one' },
    { source_key: 'a2', code: 'survivor-quarantined', note: 'two' },
  ])
})

test('a key whose copies the target may take for one keeps its index during the load', async () => {
  const database = await databaseWith(`
    create collation public.alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    create table old.t (id text primary key, n numeric not null unique);
    create table new.same (id text primary key);
    create table new.alike (id text collate public.alike primary key);
    create table new.cut (id varchar(3) primary key);
    create table new.whole (id int primary key)`)
  const catalog = await catalogOf(database)
  const offOf = (to: string, key: 'id' | 'n') => {
    const mapping = m.map('t', {
      from: (db) => db.selectFrom('old.t as t'),
      key: ({ t }) => t[key]!,
      to,
      columns: ({ t }) => ({ id: t[key]! }),
      dropped: [key === 'id' ? 'n' : 'id'],
    })
    const { rebuilds } = buildPlan(m.migration([mapping]), catalog)
    return rebuilds.flatMap(({ objects }) => objects.map(({ kind }) => kind))
  }
  expect(offOf('new.same', 'id')).toEqual(['primary key'])
  expect(offOf('new.alike', 'id')).toEqual([])
  expect(offOf('new.cut', 'id')).toEqual([])
  expect(offOf('new.whole', 'n')).toEqual([])
})

test('writes to a partition that is read by itself and as a part are blocked once', async () => {
  const database = await databaseWith(`
    create table old.p (id int primary key) partition by range (id);
    create table old.p1 partition of old.p for values from (0) to (100);
    create table new.a (id int primary key); create table new.b (id int primary key)`)
  const blocking = migrationOf()
  const of = (name: string, from: string) =>
    blocking.map(name, {
      from: (db: { selectFrom: (table: string) => unknown }) => db.selectFrom(`${from} as t`),
      key: ({ t }: { t: { id: unknown } }) => t.id,
      to: `new.${name}`,
      columns: ({ t }: { t: { id: unknown } }) => ({ id: t.id }),
    } as never)
  const definition = { ...blocking.migration([of('a', 'old.p'), of('b', 'old.p1')]), freeze: 'block' as const }
  const { freeze } = buildPlan(definition, await catalogOf(database))
  expect(freeze.tables.map(({ name }) => name)).toEqual(['p', 'p1'])
})
