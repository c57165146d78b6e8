import type { Database } from '../../src/db/connection.ts'
import { openDatabase } from '../../src/db/pg.ts'
import {
  defineMigration,
  derivedUuid,
  fold,
  type int4,
  type MigrationDefinition,
  oneOf,
  ref,
  required,
  sql,
  type text,
  type uuid,
} from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { run } from '../../src/run/run.ts'
import type { Verification } from '../../src/verify/verification.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

/** A table, a column and a key whose names try to break out of whatever they are put in. */
export const oddTable = 'o"d`d|t'
export const oddKeys = ['a|b', 'c`d', "e'f", 'g\\|h', 'i\nj', '<b>k</b>', '@team', '[l](http://m.example)'] as const

/**
 * Every disposition, a target that two mappings share, one with rows from before the run, a reference, a check, a key of
 * two columns.
 */
const schema = `
create schema old;
create table old.clinics (id text primary key, name text not null);
create table old.doctors (id text primary key, clinic_id text, name text not null);
create table old.patients (id text primary key, clinic_id text, name text not null, sex text not null);
create table old.odd (id text primary key, part int not null);
create schema new;
create table new.clinics (id uuid primary key, name text not null);
create table new.people (
  id uuid primary key, clinic_id uuid references new.clinics, name text not null, sex text, check (name <> '')
);
create index people_name on new.people (name);
create table new.${quote(oddTable)} (
  "k""ey" text, part int, "o|wner" uuid, primary key ("k""ey", part),
  constraint "f""k|" foreign key ("o|wner") references new.clinics
);
insert into old.clinics values ('c1', 'North'), ('c2', ' north'), ('c3', 'Central'), ('c4', 'South'), ('c5', 'SOUTH');
insert into old.doctors select 'd' || i, case when i % 5 = 0 then 'gone' else 'c' || 1 + i % 4 end, 'Doctor ' || i
from generate_series(1, 20) as i;
insert into old.patients select 'p' || i, 'c' || 1 + i % 4, case when i % 10 = 0 then 'test ' else 'Patient ' end || i,
  case i % 3 when 0 then 'f' when 1 then 'm' else '?' end
from generate_series(1, 100) as i;
insert into old.odd select key, position from unnest(array[${oddKeys.map(literal).join(', ')}]) with ordinality as k (key, position);
insert into new.clinics values ('00000000-0000-4000-8000-000000000001', 'Central');
insert into new.clinics values ('00000000-0000-4000-8000-000000000002', 'Untouched');
`

interface Old {
  'old.clinics': { id: text; name: text }
  'old.doctors': { id: text; clinic_id: text | null; name: text }
  'old.patients': { id: text; clinic_id: text | null; name: text; sex: text }
  'old.odd': { id: text; part: int4 }
}

interface New {
  'new.clinics': { id: uuid; name: text }
  'new.people': { id: uuid; clinic_id: uuid | null; name: text; sex: text | null }
  'new.o"d`d|t': { 'k"ey': text; part: int4; 'o|wner': uuid | null }
}

const m = defineMigration<Old, New>({ name: 'practice', cutover: '2025-06-01T00:00:00Z' })

const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id,
  identity: ({ c }) => [fold(c.name)],
  match: { on: (to, existing) => sql`${existing.name} = ${to.name}`, found: 'keep' },
  to: 'new.clinics',
  columns: ({ c }) => ({ id: derivedUuid(c.id), name: c.name }),
})

const doctors = m.map('doctors', {
  from: (db) => db.selectFrom('old.doctors as d'),
  key: ({ d }) => d.id,
  to: 'new.people',
  columns: ({ d }) => ({
    id: derivedUuid(d.id),
    clinic_id: required(ref(d.clinic_id, clinics).orQuarantine()).orQuarantine('no-clinic'),
    name: d.name,
  }),
})

const patients = m.map('patients', {
  from: (db) => db.selectFrom('old.patients as p'),
  key: ({ p }) => p.id,
  where: ({ p }) => sql`${p.name} not like 'test %'`,
  to: 'new.people',
  columns: ({ p }) => ({
    id: derivedUuid(p.id),
    clinic_id: ref(p.clinic_id, clinics).orNull(),
    name: p.name,
    sex: oneOf(p.sex, ['f', 'm']).orNull('unknown-sex'),
  }),
})

const odd = m.map('odd', {
  from: (db) => db.selectFrom('old.odd as o'),
  key: ({ o }) => o.id,
  to: 'new.o"d`d|t',
  columns: ({ o }) => ({ 'k"ey': o.id, part: o.part }),
})

const practice = m.migration([clinics, doctors, patients, odd])

/**
 * A database of schemas `old` and `new` in which a migration was run and nothing else happened: a template for others.
 * Default: the practice of this file.
 */
export async function createLoadedDatabase(
  sql = schema,
  migration: MigrationDefinition = practice,
): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.query(sql)
  await withDatabase(database.url, async (db) => {
    const catalog = await db.transaction((tx) => readWholeCatalog(tx, ['old', 'new']))
    await run(db, buildPlan(migration, catalog), {
      allowed: ['merges-rows', 'unrehearsed', 'drops-indexes'],
      rowsPerChunk: 30,
    })
  })
  await database.disconnect()
  return database
}

/** Opens a database, hands it over, and closes it. */
export async function withDatabase<T>(url: string, use: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase(url)
  try {
    return await use(db)
  } finally {
    await db.close()
  }
}

/** What did not pass, as `verdict check mapping`. */
export function complaintsOf({ findings }: Verification): readonly string[] {
  return findings
    .filter(({ verdict, check }) => (verdict === 'fail' || verdict === 'warn') && check !== 'row comparison')
    .map(({ verdict, check, mapping }) => `${verdict} ${check}: ${mapping ?? '–'}`)
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
