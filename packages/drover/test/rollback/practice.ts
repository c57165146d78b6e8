import type { Database, Queryable } from '../../src/db/connection.ts'
import { fold, ref, required, sql } from '../../src/index.ts'
import type { Decisions } from '../../src/ledger/rollback.ts'
import { findRun } from '../../src/ledger/run.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { decide } from '../../src/rollback/conflicts/decide.ts'
import { findConflicts } from '../../src/rollback/conflicts/find.ts'
import { readWay, type Way } from '../../src/rollback/way.ts'
import { run } from '../../src/run/run.ts'
import { catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/postgres.ts'

/**
 * A mapping of each kind: clinics are merged, doctors are matched and updated, visits copied (and refer to doctors without a
 * foreign key, and to each other), rooms evolve. Tables of schema `app` are no part of the migration, and refer to these in
 * different ways.
 */
export const schema = `
create table old.clinics (id text primary key, name text not null);
insert into old.clinics values ('1', 'North'), ('2', ' NORTH '), ('3', 'South'), ('4', 'East');
create table old.doctors (id text primary key, name text not null, clinic text not null, title text);
insert into old.doctors values ('1', 'Ann', '1', 'Dr'), ('2', 'Bob', '3', 'Dr'), ('3', 'Cid', '3', 'Dr'), ('4', 'Dee', '4', 'Dr');
create table old.visits (id text primary key, clinic text not null, doctor text, previous text, amount text not null);
insert into old.visits values
  ('1', '1', '1', null, '10'), ('2', '3', '2', '1', '20'), ('3', '3', '3', null, 'free'), ('4', '4', '4', '2', '40'),
  ('5', '2', null, '3', '50');
create table new.clinics (id int primary key, org int not null default 7, name text not null, unique (org, id));
insert into new.clinics values (900, 7, 'Before');
create table new.doctors (id int primary key, name text not null unique, clinic_id int references new.clinics, title text, note text);
insert into new.doctors values (901, 'Ann', 900, 'Old', 'n1'), (902, 'Bob', null, 'Dr', 'n2'), (909, 'Zoe', 900, null, null);
create table new.visits (
  id int primary key, clinic_id int not null references new.clinics, doctor_id int, previous_id int references new.visits,
  amount numeric(9, 2) not null, seen_at timestamptz not null default now(), note text
);
create table new.rooms (id int primary key, clinic_id int references new.clinics, name text not null);
insert into new.rooms values (1, 900, ' Blue  room'), (2, 900, 'Red'), (3, null, ' Green ');
create schema app;
create table app.notes (
  id int primary key, visit_id int references new.visits on delete cascade, parent_id int references app.notes, text text
);
create table app.calls (
  id int primary key, visit_id int references new.visits on delete set null, clinic_id int references new.clinics on delete set null
);
create table app.recordings (id int primary key, call_id int not null references app.calls);
create table app.bills (org int, clinic int, number int, primary key (number, clinic), foreign key (org, clinic) references new.clinics (org, id));
create table app.tags (clinic_id int references new.clinics, tag text);
create table app.logs (day int, visit_id int references new.visits, text text) partition by list (day);
create table app.logs_1 partition of app.logs for values in (1);
create table app.logs_2 partition of app.logs for values in (2);
`

const m = migrationOf('practice')
const key = (text: unknown) => sql`(${text})::int`
const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id!,
  identity: ({ c }) => [fold(c.name!)],
  to: 'new.clinics',
  columns: ({ c }) => ({ id: key(c.id), name: c.name! }),
})
const doctors = m.map('doctors', {
  from: (db) => db.selectFrom('old.doctors as d'),
  key: ({ d }) => d.id!,
  match: {
    on: (to, existing) => sql`${existing.name!} = ${to.name!}`,
    found: 'update',
    update: ['title', 'clinic_id'],
  },
  to: 'new.doctors',
  columns: ({ d }) => ({
    id: key(d.id),
    name: d.name!,
    title: d.title!,
    clinic_id: ref(d.clinic!, clinics).orNull(),
  }),
})
const visits = m.map('visits', {
  from: (db) => db.selectFrom('old.visits as v'),
  key: ({ v }) => v.id!,
  to: 'new.visits',
  columns: ({ v }) => ({
    id: key(v.id),
    clinic_id: required(ref(v.clinic!, clinics).orQuarantine()).orQuarantine('no-clinic'),
    doctor_id: ref(v.doctor!, doctors).orNull(),
    previous_id: ref(v.previous!, m.later('visits', 'new.visits')).orNull(),
    amount: sql`${v.amount!}::numeric`,
  }),
})
const rooms = m.evolve('rooms', {
  from: (db) => db.selectFrom('new.rooms as r'),
  to: 'new.rooms',
  columns: ({ r }) => ({ name: sql`btrim(${r.name!})` }),
})

export const practice = m.migration([clinics, doctors, visits, rooms])

/** A database in which the migration was run: a template for others. */
export async function createPractice(): Promise<TestDatabase> {
  const database = await databaseWith(schema)
  const plan = buildPlan(practice, await catalogOf(database))
  await withDatabase(database.url, (db) => run(db, plan, { allowed: hazardNames, rowsPerChunk: 2, workers: 1 }))
  await database.disconnect()
  return database
}

/** Looks for conflicts, decides, and hands the way over, in one transaction that commits. */
export function conflictsIn<T>(
  db: Database,
  decisions: Decisions,
  use: (tx: Queryable, way: Way) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    const way = await readWay(tx, await findRun(tx, '1'))
    await findConflicts(tx, way)
    await decide(tx, way, decisions)
    return use(tx, way)
  })
}

/** The conflicts in the ledger, as `table key: kind`, with the foreign key and the row referred to, and the decision. */
export async function listed(database: TestDatabase): Promise<readonly string[]> {
  const rows = await database.query<{ line: string }>(`
    select format('%s.%s %s: %s', table_schema, table_name, row_key, kind) || coalesce(' by ' || constraint_name, '')
      || coalesce(' to ' || refers_to, '') || coalesce(', ' || decision, '') as line
    from drover.conflict
    where run_id = 1
    order by table_schema, table_name, row_key`)
  return rows.map(({ line }) => line)
}
