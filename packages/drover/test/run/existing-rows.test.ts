import { beforeAll, expect, test } from 'vitest'
import {
  type date,
  defineMigration,
  derivedUuid,
  filled,
  fold,
  type int4,
  newest,
  type numeric,
  oneOf,
  required,
  sql,
  squish,
} from '../../src/index.ts'
import { carryOut, databaseWith, migrationOf } from '../plan/planned.ts'
import type { TestDatabase } from '../support/postgres.ts'

const counts = `
select mapping, sum(read) as read, sum(loaded) as loaded, sum(merged) as merged, sum(matched) as matched,
  sum(quarantined) as quarantined, sum(excluded) as excluded
from drover.chunk group by mapping order by mapping`

test('a matched row is updated in the named columns, its image kept; one that would not change is not written', async () => {
  const database = await databaseWith(`
    create table old.users (id text primary key, email text, name text, role text, seen int);
    insert into old.users values
      ('u1', 'A@x', ' Ann  B', 'boss', 1), ('u2', 'b@x', 'Bob', 'x', 1), ('u3', 'c@x', 'Cid', 'x', 1), ('u4', 'a@x', 'Anna', 'x', 2);
    create table new.users (id uuid primary key, email text unique, name text, role text, tags json, n int generated always as identity);
    insert into new.users (id, email, name, role) values
      ('00000000-0000-0000-0000-00000000000a', 'a@x', 'Old Ann', 'keep'),
      ('00000000-0000-0000-0000-00000000000b', 'b@x', 'Bob', 'keep'),
      ('00000000-0000-0000-0000-00000000000f', 'f@x', 'Other', 'keep');`)
  const before = await database.query('select id, xmin from new.users order by id')
  const m = migrationOf()
  const users = m.map('users', {
    from: (db) => db.selectFrom('old.users as u'),
    key: ({ u }) => u.id!,
    identity: ({ u }) => [fold(u.email!)],
    survivor: ({ u }) => newest(u.seen!),
    match: { on: (to, existing) => sql`${existing.email!} = ${to.email!}`, found: 'update', update: ['name', 'tags'] },
    to: 'new.users',
    columns: ({ u }) => ({
      id: derivedUuid(u.id!),
      email: fold(u.email!),
      name: required(squish(filled(u.name!))).orQuarantine(),
      role: u.role!,
      tags: sql`case when ${u.id!} = 'u4' then '{"a": 1}'::json end`,
    }),
  })
  const plan = await carryOut(database, m.migration([users]))
  expect(plan.hazards.map(({ name }) => name)).toContain('writes-existing-rows')
  expect(await database.query('select id::text, email, name, role, tags from new.users order by email')).toEqual([
    { id: expect.stringMatching(/a$/), email: 'a@x', name: 'Anna', role: 'keep', tags: { a: 1 } },
    { id: expect.stringMatching(/b$/), email: 'b@x', name: 'Bob', role: 'keep', tags: null },
    { id: expect.any(String), email: 'c@x', name: 'Cid', role: 'x', tags: null },
    { id: expect.stringMatching(/f$/), email: 'f@x', name: 'Other', role: 'keep', tags: null },
  ])
  expect(await database.query('select email, name, n from drover.before_image_users')).toEqual([
    { email: 'a@x', name: 'Old Ann', n: 1 },
  ])
  const after = await database.query('select id, xmin from new.users order by id')
  expect(after).toContainEqual(before[1])
  expect(after).not.toContainEqual(before[0])
  expect(await database.query(counts)).toEqual([
    { mapping: 'users', read: '4', loaded: '1', merged: '1', matched: '2', quarantined: '0', excluded: '0' },
  ])
})

let evolved: TestDatabase

beforeAll(async () => {
  evolved = await databaseWith(`
    create table new.clinics (id int primary key, name text, status text not null, at timestamptz default now());
    insert into new.clinics select i, case when i % 2 = 0 then '  Clinic ' || i else 'Clinic ' || i end,
      case when i % 5 = 0 then '?' when i % 3 = 0 then 'CLOSED' else 'open' end from generate_series(1, 10) as i;`)
  const m = migrationOf()
  const clinics = m.evolve('clinics', {
    from: (db) => db.selectFrom('new.clinics as c'),
    to: 'new.clinics',
    where: ({ c }) => sql`${c.id!} <> 7`,
    columns: ({ c }) => ({ name: squish(c.name!), status: oneOf(c.status!, ['open', 'closed']).orQuarantine() }),
  })
  await carryOut(evolved, m.migration([clinics]))
})

test('rows evolve in place; those that a guard refuses stay as they are', async () => {
  expect(await evolved.query('select id, name, status from new.clinics order by id')).toEqual([
    { id: 1, name: 'Clinic 1', status: 'open' },
    { id: 2, name: 'Clinic 2', status: 'open' },
    { id: 3, name: 'Clinic 3', status: 'closed' },
    { id: 4, name: 'Clinic 4', status: 'open' },
    { id: 5, name: 'Clinic 5', status: '?' },
    { id: 6, name: 'Clinic 6', status: 'closed' },
    { id: 7, name: 'Clinic 7', status: 'open' },
    { id: 8, name: 'Clinic 8', status: 'open' },
    { id: 9, name: 'Clinic 9', status: 'closed' },
    { id: 10, name: '  Clinic 10', status: '?' },
  ])
  expect(await evolved.query(counts)).toEqual([
    { mapping: 'clinics', read: '10', loaded: '0', merged: '0', matched: '7', quarantined: '2', excluded: '1' },
  ])
})

test('only the rows that changed have an image, each as it was', async () => {
  expect(await evolved.query('select id, name, status from drover.before_image_clinics order by id')).toEqual([
    { id: 2, name: '  Clinic 2', status: 'open' },
    { id: 3, name: 'Clinic 3', status: 'CLOSED' },
    { id: 4, name: '  Clinic 4', status: 'open' },
    { id: 6, name: '  Clinic 6', status: 'CLOSED' },
    { id: 8, name: '  Clinic 8', status: 'open' },
    { id: 9, name: 'Clinic 9', status: 'CLOSED' },
  ])
  expect(
    await evolved.query("select source_key, original ->> 'status' as status from drover.quarantine order by 1"),
  ).toEqual([
    { source_key: '10', status: '?' },
    { source_key: '5', status: '?' },
  ])
})

test('what is derived reads the target after its load', async () => {
  const database = await databaseWith(`
    create table old.visits (id int primary key, day date, amount int);
    insert into old.visits select i, date '2025-01-01' + i % 3, i from generate_series(1, 9) as i;
    create table new.visits (id int primary key, day date, amount int);
    create table new.days (day date primary key, total numeric);`)
  interface Old {
    'old.visits': { id: int4; day: date; amount: int4 }
  }
  interface New {
    'new.visits': { id: int4; day: date; amount: int4 }
    'new.days': { day: date; total: numeric }
  }
  const m = defineMigration<Old, New>({ name: 'planned', cutover: '2025-06-01T00:00:00Z' })
  const days = m.derive('days', {
    from: (db) =>
      db.selectFrom(
        db
          .selectFrom('new.visits as v')
          .select(({ fn }) => ['v.day', fn.sum<numeric>('v.amount').as('total')])
          .groupBy('v.day')
          .as('d'),
      ),
    key: ({ d }) => d.day,
    to: 'new.days',
    targetKey: 'day',
    columns: ({ d }) => ({ day: d.day, total: d.total }),
  })
  const visits = m.map('visits', {
    from: (db) => db.selectFrom('old.visits as v'),
    key: ({ v }) => v.id,
    to: 'new.visits',
    columns: ({ v }) => ({ id: v.id, day: v.day, amount: v.amount }),
  })
  const plan = await carryOut(database, m.migration([days, visits]))
  expect(plan.mappings.map(({ name, kind }) => [name, kind])).toEqual([
    ['visits', 'copy'],
    ['days', 'derive'],
  ])
  expect(await database.query('select day::text, total from new.days order by 1')).toEqual([
    { day: '2025-01-01', total: '18' },
    { day: '2025-01-02', total: '12' },
    { day: '2025-01-03', total: '15' },
  ])
})
