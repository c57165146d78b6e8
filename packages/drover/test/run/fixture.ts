import type { Database } from '../../src/db/connection.ts'
import { openDatabase } from '../../src/db/pg.ts'
import {
  blankToNull,
  decimal,
  defineMigration,
  derivedUuid,
  fold,
  type int4,
  type MigrationDefinition,
  newest,
  type numeric,
  oldest,
  oneOf,
  ref,
  required,
  sql,
  squish,
  type text,
  type timestamp,
  type timestamptz,
  type uuid,
} from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import type { Plan } from '../../src/plan/plan.ts'

/** A small practice: clinics with duplicates, visits with everything that can be wrong with them. */
export const schema = `
create schema old;
create table old.clinics (id text primary key, name text not null, status text not null, created_at timestamp not null);
create table old.visits (
  id text primary key, clinic_id text, number int not null, amount text not null, at timestamp not null, note text
);
create schema new;
create table new.clinics (id uuid primary key, name text not null, status text not null);
create table new.visits (
  id uuid primary key, clinic_id uuid not null references new.clinics, number int not null,
  amount numeric(12, 2) not null, at timestamptz not null, unique (clinic_id, number)
);
`

/** Fills the old schema: one clinic in ten is a duplicate, one visit in about twenty has something wrong. */
export const fill = (clinics: number, visits: number) => `
insert into old.clinics
select 'c' || i, case when i % 10 = 0 then ' Clinic ' || (i - 1) else 'clinic ' || i end,
  case i % 3 when 0 then 'Active' when 1 then 'inactive' else '?' end, timestamp '2024-01-01' + i * interval '1 hour'
from generate_series(1, ${clinics}) as i;
insert into old.visits
select md5(i::text), case when i % 97 = 0 then 'gone' else 'c' || 1 + i % ${clinics} end,
  case when i % 41 = 0 then i - 1 else i end,
  case when i % 89 = 0 then 'free' when i % 7 = 0 then '$ 1,' || lpad((i % 1000)::text, 3, '0') || '.50' else i || '.25' end,
  timestamp '2024-01-01' + i * interval '1 minute', null
from generate_series(1, ${visits}) as i;
update old.visits as v set clinic_id = w.clinic_id
from old.visits as w where v.number = w.number and v.id > w.id;
analyze old.clinics, old.visits;
`

interface Old {
  'old.clinics': { id: text; name: text; status: text; created_at: timestamp }
  'old.visits': { id: text; clinic_id: text | null; number: int4; amount: text; at: timestamp; note: text | null }
}

interface New {
  'new.clinics': { id: uuid; name: text; status: text }
  'new.visits': { id: uuid; clinic_id: uuid; number: int4; amount: numeric; at: timestamptz }
}

const m = defineMigration<Old, New>({ name: 'practice', cutover: '2025-06-01T00:00:00Z' })

const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id,
  identity: ({ c }) => [fold(c.name)],
  survivor: ({ c }) => oldest(c.created_at),
  to: 'new.clinics',
  columns: ({ c }) => ({
    id: derivedUuid(c.id),
    name: required(blankToNull(squish(c.name))).orQuarantine('no-name'),
    status: oneOf(c.status, ['active', 'inactive']).orElse('inactive'),
  }),
})

const visits = m.map('visits', {
  from: (db) => db.selectFrom('old.visits as v'),
  key: ({ v }) => v.id,
  identity: (_, to) => [to.clinic_id, to.number],
  survivor: ({ v }) => newest(v.at),
  to: 'new.visits',
  columns: ({ v }) => ({
    id: derivedUuid(v.id),
    clinic_id: required(ref(v.clinic_id, clinics).orQuarantine()).orQuarantine('no-clinic'),
    number: v.number,
    amount: decimal(v.amount, { scale: 2 }).orQuarantine(),
    at: sql<timestamptz>`${v.at} at time zone 'UTC'`,
  }),
  dropped: ['note'],
  totals: ({ v }, to) => ({
    amount: { source: decimal(v.amount, { scale: 2 }).orNull(), target: to.amount, by: [to.clinic_id] },
  }),
})

/** The same without an identity: the unique key of the target then refuses the duplicates. */
const visitsAsTheyAre = m.map('visits', {
  from: (db) => db.selectFrom('old.visits as v'),
  key: ({ v }) => v.id,
  to: 'new.visits',
  columns: ({ v }) => ({
    id: derivedUuid(v.id),
    clinic_id: required(ref(v.clinic_id, clinics).orQuarantine()).orQuarantine('no-clinic'),
    number: v.number,
    amount: decimal(v.amount, { scale: 2 }).orQuarantine(),
    at: sql<timestamptz>`${v.at} at time zone 'UTC'`,
  }),
  dropped: ['note'],
})

export const practice = m.migration([clinics, visits])
export const practiceWithoutIdentity = m.migration([clinics, visitsAsTheyAre])
/** The same, into targets that keep their indexes. */
export const keepingIndexes = <M extends object>(migration: M) => ({ ...migration, indexes: 'keep' as const })
export const allowed = ['merges-rows', 'unrehearsed', 'drops-indexes']

export async function planFor(db: Database, migration: MigrationDefinition = practice): Promise<Plan> {
  const catalog = await db.transaction((tx) => readWholeCatalog(tx, ['old', 'new']))
  return buildPlan(migration, catalog)
}

/** Opens a database, hands it over, and closes it. */
export async function withDatabase<T>(url: string, use: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase(url, { connections: 8 })
  try {
    return await use(db)
  } finally {
    await db.close()
  }
}
