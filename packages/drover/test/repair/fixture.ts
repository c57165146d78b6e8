import { openDatabase } from '../../src/db/pg.ts'
import { decimal, fold, integer, required, sql } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import type { TestDatabase } from '../support/postgres.ts'

/** Words and figures of which every value of the source is made, and which no key, code or name holds. */
export const anyValue = /Geheim|4711|geheim/

/** Of columns that are secret or personal: never seen, whatever is asked. */
export const neverShown = /Token|Mail|1947/

/** A key that tries to break out of a terminal, a shell and a CSV file. */
export const oddKey = `it's "q",\n;$x`

/**
 * Rows that guards set aside and rows that the server refuses; a source of two mappings; keys that two sources share;
 * duplicates of a table, of a key of two columns, and of a stored query.
 */
const schema = `
create table old.people (
  id text primary key, name text, email text not null, birth text, token text not null, age text, code text, moved timestamp
);
insert into old.people values
  ('p1', 'Geheim A', 'Mail1@x', '1947-01-01', 'Token1', '47', 'Geheim', '2024-01-01 10:00'),
  ('p2', 'Geheim B', 'Mail2@x', null, 'Token2', 'Geheim4711', '', null),
  ('p3', null, 'Mail3@x', '1947-03-03', 'Token3', 'Geheim', 'Geheim', null),
  ('p4', ' ', 'Mail4@x', '1947-04-04', 'Token4', '', null, '2024-04-04'),
  ('x1', null, 'Mail5@x', '1947-05-05', 'Token5', '4711', 'Geheim', null);
create table old.visits (id text primary key, amount text not null, about text);
insert into old.visits values
  ('v1', '4711', 'Geheim'), ('v2', '-4711', 'Geheim'), ('v3', 'Geheim', null), ('x1', 'Geheim', '=Geheim()');
insert into old.visits select 'w' || lpad(i::text, 3, '0'), 'Geheim', 'Geheim' from generate_series(1, 120) as i;
insert into old.visits values (${literal(oddKey)}, 'Geheim', 'Geheim');
create table old.clinics (id text primary key, name text not null, fax text, email text not null, doc json);
insert into old.clinics values
  ('c1', 'Geheim Nord', '4711', 'Mail@c1', '{"a": 4711}'), ('c2', 'GEHEIM nord', '4711', 'Mail@c2', '{"a": 4711}'),
  ('c3', 'geheim nord', null, 'Mail@c3', '{"a": 4711}'), ('c4', 'Geheim Süd', '4711', 'Mail@c4', null);
create table old.places (b text, a text, name text not null, primary key (b, a));
insert into old.places values ('1', 'x', 'Geheim'), ('1', 'y', 'geheim'), ('2', 'x', 'Geheim Ort');
create table new.people (id text primary key, name text not null, age int, email text not null, code text, moved timestamp);
create table new.profiles (id text primary key, birth text not null);
create table new.visits (id text primary key, amount numeric constraint not_negative check (amount >= 0), about text);
create table new.clinics (id text primary key, name text not null, fax text, email text not null, doc text);
create table new.places (b text, a text, name text not null, primary key (b, a));
create table new.names (id text primary key, name text not null);
`

const m = migrationOf('mending')
const people = m.map('people', {
  from: (db) => db.selectFrom('old.people as p'),
  key: ({ p }) => p.id!,
  to: 'new.people',
  columns: ({ p }) => ({
    id: p.id!,
    name: required(p.name!).orQuarantine('no-name'),
    age: integer(p.age!).orQuarantine('no-age'),
    email: p.email!,
    code: p.code!,
    moved: p.moved!,
  }),
  dropped: ['token'],
  secret: ['token'],
  personal: ['email', 'birth'],
})
const profiles = m.map('profiles', {
  from: (db) => db.selectFrom('old.people as q'),
  key: ({ q }) => q.id!,
  to: 'new.profiles',
  columns: ({ q }) => ({ id: q.id!, birth: required(q.birth!).orQuarantine('no-birth') }),
})
const visits = m.map('visits', {
  from: (db) => db.selectFrom('old.visits as v'),
  key: ({ v }) => v.id!,
  to: 'new.visits',
  columns: ({ v }) => ({ id: v.id!, amount: decimal(v.amount!).orQuarantine('no-amount'), about: v.about! }),
})
const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id!,
  identity: ({ c }) => [fold(c.name!)],
  to: 'new.clinics',
  columns: ({ c }) => ({ id: c.id!, name: c.name!, fax: c.fax!, email: c.email!, doc: sql`${c.doc}::text` }),
  personal: ['email'],
})
const places = m.map('places', {
  from: (db) => db.selectFrom('old.places as o'),
  key: ({ o }) => [o.b!, o.a!],
  identity: ({ o }) => [fold(o.name!)],
  to: 'new.places',
  columns: ({ o }) => ({ b: o.b!, a: o.a!, name: o.name! }),
})
const names = m.map('names', {
  from: (db) => db.selectFrom(db.selectFrom('old.clinics as c').select(['c.id', 'c.name', 'c.fax']).as('n')),
  key: ({ n }) => n.id!,
  identity: ({ n }) => [fold(n.name!)],
  to: 'new.names',
  columns: ({ n }) => ({ id: n.id!, name: n.name! }),
})

/** A database in which this was run: a template for others. */
export async function createMendingDatabase(): Promise<TestDatabase> {
  const database = await databaseWith(schema)
  const plan = buildPlan(m.migration([people, profiles, visits, clinics, places, names]), await catalogOf(database))
  const db = await openDatabase(database.url)
  try {
    await run(db, plan, { allowed: hazardNames, rowsPerChunk: 50, workers: 1 })
  } finally {
    await db.close()
  }
  await database.disconnect()
  return database
}

/** Stores a fix as if it had been stored when the row was not in quarantine yet, or later. */
export function fixSql(relation: string, key: string, patch: object, when: 'before' | 'after'): string {
  const at = when === 'before' ? `timestamptz '2020-01-01'` : 'clock_timestamp()'
  return `insert into drover.overlay (migration, relation, row_key, patch, fixed_at)
    values ('mending', ${literal(relation)}, ${literal(key)}, ${literal(JSON.stringify(patch))}, ${at});`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
