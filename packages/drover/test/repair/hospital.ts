import {
  collect,
  decimal,
  fold,
  type int4,
  jsonObject,
  lookup,
  oldest,
  ref,
  required,
  sql,
  squish,
} from '../../src/index.ts'
import { migrationOf } from '../plan/planned.ts'

/**
 * Clinics with what hangs on them, by every kind of reference: staff who are merged within a clinic and have bosses among
 * themselves, visits by a key of two columns, labels collected into one row, totals made from the visits once loaded.
 */
export const hospital = `
create table old.clinics (id text primary key, name text, city text, head_id text);
create table old.staff (id text primary key, clinic_id text, boss_id text, name text);
create table old.visits (id text primary key, clinic_id text, staff_id text, amount text);
create table old.labels (id text primary key, clinic_id text, label text);
create table old.rooms (id text primary key, clinic_id text, name text not null);
insert into old.clinics values
  ('c1', 'North', 'Kiel', 's3'), ('c2', ' north', 'Kiel', 's2'), ('c3', null, 'Ulm', 's8'), ('c4', 'South', 'Ulm', 's4'),
  ('c5', null, 'Bonn', 's9');
insert into old.staff values
  ('s1', 'c1', null, 'Ann'), ('s2', 'c2', 's1', 'ANN'), ('s3', 'c2', 's2', 'Bea'), ('s4', 'c3', 's1', 'Cid'),
  ('s5', 'c3', 's4', 'Dan'), ('s6', 'c4', 's5', 'Eve'), ('s7', 'c1', 's3', 'Fay'), ('s8', 'c3', null, 'cid');
insert into old.visits values
  ('v1', 'c1', 's1', '10'), ('v2', 'c2', 's2', '20'), ('v3', 'c2', 's3', '30'), ('v4', 'c3', 's4', '40'),
  ('v5', 'c3', 's8', 'much'), ('v6', 'c4', 's6', '60'), ('v7', 'c4', null, '70'), ('v8', 'c1', 's7', '-1');
insert into old.labels values
  ('l1', 'c1', 'old'), ('l2', 'c2', 'new'), ('l3', 'c3', 'far'), ('l4', 'c4', 'big'), ('l5', 'c4', null);
insert into old.rooms values ('r1', 'c1', 'A'), ('r2', 'c3', 'B'), ('r3', 'c9', 'C');
create table new.clinics (id text primary key, name text not null, city text, head_id text);
create table new.directory (id text primary key, title text, city text not null);
create table new.staff (
  id text primary key, clinic_id text not null references new.clinics, boss_id text references new.staff, name text not null,
  unique (clinic_id, id)
);
create table new.visits (
  id text primary key, clinic_id text not null references new.clinics, staff_id text,
  amount numeric not null constraint positive check (amount > 0), city text,
  foreign key (clinic_id, staff_id) references new.staff (clinic_id, id)
);
create table new.labels (id text primary key, clinic_id text not null references new.clinics, labels jsonb not null);
create table new.rooms (id text primary key, clinic_id text references new.clinics, name text not null);
create table new.totals (clinic_id text primary key, amount numeric not null);
`

const m = migrationOf('hospital')
const one = sql<int4>`1`

const head = m.later('staff', 'new.staff')
const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id!,
  identity: ({ c }) => [fold(c.name!)],
  to: 'new.clinics',
  columns: ({ c }) => ({
    id: sql`'n-' || ${c.id}`,
    name: required(squish(c.name!)).orQuarantine('no-name'),
    city: c.city!,
    head_id: ref(c.head_id!, head).orNull('no-head'),
  }),
  totals: (_, to) => ({ clinics: { source: one, target: one, by: [to.head_id!, to.city!] } }),
})

/** Of the same rows: what is fixed for one mapping is fixed for the other. */
const directory = m.map('directory', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id!,
  to: 'new.directory',
  columns: ({ c }) => ({
    id: c.id!,
    title: squish(c.name!),
    city: required(c.city!).orElse('nowhere'),
  }),
})

const boss = m.later('staff', 'new.staff')
const staff = m.map('staff', {
  from: (db) => db.selectFrom('old.staff as s'),
  key: ({ s }) => s.id!,
  identity: (_, to) => [to.clinic_id!, to.name!],
  to: 'new.staff',
  columns: ({ s }) => ({
    id: sql`'n-' || ${s.id}`,
    clinic_id: ref(s.clinic_id!, clinics).orQuarantine('no-clinic'),
    boss_id: ref(s.boss_id!, boss).orNull('no-boss'),
    name: sql`lower(${s.name} collate "C")`,
  }),
  totals: (_, to) => ({ staff: { source: one, target: one, by: [to.clinic_id!, to.boss_id!] } }),
})

const visits = m.map('visits', {
  from: (db) => db.selectFrom('old.visits as v'),
  key: ({ v }) => v.id!,
  to: 'new.visits',
  columns: ({ v }) => {
    const clinic = ref(v.clinic_id!, clinics).orQuarantine('no-clinic')
    return {
      id: sql`'n-' || ${v.id}`,
      clinic_id: clinic,
      staff_id: ref(v.staff_id!, staff).orQuarantine('no-staff'),
      amount: sql`${v.amount}::numeric`,
      city: lookup(clinic, clinics, 'city'),
    }
  },
  totals: ({ v }, to) => ({
    amount: { source: decimal(v.amount!).orNull(), target: to.amount!, by: [to.clinic_id!, to.city!] },
  }),
})

const labels = m.map('labels', {
  from: (db) => db.selectFrom('old.labels as l'),
  key: ({ l }) => l.id!,
  identity: (_, to) => [to.clinic_id!],
  to: 'new.labels',
  columns: ({ l }) => {
    const clinic = ref(l.clinic_id!, clinics).orQuarantine('no-clinic')
    return {
      id: sql`'n-' || ${l.id}`,
      clinic_id: clinic,
      labels: collect(jsonObject({ label: l.label! }), { orderBy: [oldest(l.id!)] }),
    }
  },
})

const rooms = m.map('rooms', {
  from: (db) => db.selectFrom('old.rooms as r'),
  key: ({ r }) => r.id!,
  to: 'new.rooms',
  columns: ({ r }) => ({ id: r.id!, clinic_id: ref(r.clinic_id!, clinics).orNull('no-clinic'), name: r.name! }),
})

const totals = m.derive('totals', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('new.visits as v')
        .select(({ fn }) => ['v.clinic_id', fn.sum('v.amount').as('amount')])
        .groupBy('v.clinic_id')
        .as('t'),
    ),
  key: ({ t }) => t.clinic_id!,
  to: 'new.totals',
  targetKey: 'clinic_id',
  columns: ({ t }) => ({ clinic_id: t.clinic_id!, amount: t.amount! }),
  totals: ({ t }, to) => ({ amount: { source: t.amount!, target: to.amount!, by: [to.clinic_id!] } }),
})

export const hospitalMigration = m.migration([clinics, directory, staff, visits, labels, rooms, totals])
