import type { Database } from '../../src/db/connection.ts'
import { rowFunctionsOf } from '../../src/define/migration.ts'
import {
  blankToNull,
  decimal,
  defineMigration,
  derivedUuid,
  fold,
  oldest,
  oneOf,
  ref,
  required,
  sql,
  squish,
} from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { RowFunctions } from '../../src/run/compute.ts'
import type { Anything } from '../plan/planned.ts'

// What the faults are let loose on: a small migration that takes every path of the runner.

/** Duplicates, rows that guards set aside, rows that the database refuses, a tree, rows that evolve. */
export const schema = `
create schema old;
create schema new;
create table old.clinics (id text primary key, name text, status text, created_at timestamp);
insert into old.clinics
select 'c' || i, case when i % 5 = 0 then ' Clinic ' || (i - 1) else 'clinic ' || i end,
  case i % 3 when 0 then 'active' when 1 then 'inactive' else '?' end, timestamp '2024-01-01' + i * interval '1 hour'
from generate_series(1, 12) as i;
create table old.visits (id int primary key, clinic_id text, amount text, note text);
insert into old.visits
select i, case when i % 29 = 0 then 'gone' else 'c' || 1 + i % 12 end, case when i % 31 = 0 then 'free' else i || '.25' end,
  case when i in (40, 83) then 'no' else i::text end
from generate_series(1, 120) as i;
create table old.people (id text primary key, boss text);
insert into old.people select 'p' || i, case when i = 9 then 'gone' when i > 1 then 'p' || i / 2 end from generate_series(1, 20) as i;
create table new.clinics (id uuid primary key, name text not null, status text not null);
create table new.visits (
  id uuid primary key, clinic_id uuid not null references new.clinics, amount numeric not null, note int not null,
  shout text not null check (shout <> '100!'), slot int not null, constraint visits_slot_key unique (slot)
);
create index clinics_name_idx on new.clinics (name);
create table new.people (id uuid primary key, boss uuid references new.people);
create table new.days (day int primary key, total numeric not null);
create table new.settings (id int primary key, value text not null);
insert into new.settings select i, ' value  ' || i from generate_series(1, 25) as i;
`

const m = defineMigration<Anything, Anything>({ name: 'faults', cutover: '2025-06-01T00:00:00Z' })

const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id!,
  identity: ({ c }) => [fold(c.name!)],
  survivor: ({ c }) => oldest(c.created_at!),
  to: 'new.clinics',
  columns: ({ c }) => ({
    id: derivedUuid(c.id!),
    name: required(blankToNull(squish(c.name!))).orQuarantine('no-name'),
    status: oneOf(c.status!, ['active', 'inactive']).orElse('inactive'),
  }),
})

const visits = m.map('visits', {
  from: (db) => db.selectFrom('old.visits as v'),
  key: ({ v }) => v.id!,
  compute: {
    reads: ({ v }) => ({ note: v.note! }),
    writes: { shout: 'text' },
    batch: (rows) => rows.map(({ note }) => ({ shout: `${note}!` })),
  },
  to: 'new.visits',
  columns: ({ v }, computed) => ({
    id: derivedUuid(sql`${v.id}::text`),
    clinic_id: required(ref(v.clinic_id!, clinics).orQuarantine()).orQuarantine('no-clinic'),
    amount: decimal(v.amount!, { scale: 2 }).orQuarantine(),
    note: sql`${v.note}::int`,
    shout: required(computed.shout!).orQuarantine(),
    // The last row has what the first one has.
    slot: sql`${v.id} % 119`,
  }),
})

const people = m.map('people', {
  from: (db) => db.selectFrom('old.people as p'),
  key: ({ p }) => sql`${p.id} || ''`,
  to: 'new.people',
  columns: ({ p }) => ({
    id: derivedUuid(p.id!),
    boss: ref(p.boss!, m.later('people', 'new.people')).orQuarantine('no-boss'),
  }),
})

const days = m.derive('days', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('new.visits as v')
        .innerJoin('new.clinics as c', 'c.id', 'v.clinic_id')
        .select([sql<number>`(v.note % 7)`.as('day'), sql<string>`sum(v.amount)`.as('total')])
        .groupBy(sql`v.note % 7`)
        .as('d'),
    ),
  key: ({ d }) => d.day!,
  to: 'new.days',
  targetKey: 'day',
  columns: ({ d }) => ({ day: d.day, total: d.total }),
})

const settings = m.evolve('settings', {
  from: (db) => db.selectFrom('new.settings as s'),
  to: 'new.settings',
  columns: ({ s }) => ({ value: squish(s.value!) }),
})

const migration = m.migration([clinics, visits, people, days, settings])

export const functions: RowFunctions = rowFunctionsOf(migration)

export async function planFor(db: Database): Promise<Plan> {
  const catalog = await db.transaction((tx) => readWholeCatalog(tx, ['old', 'new']))
  return buildPlan(migration, catalog)
}
