import {
  type DeclaredCheck,
  type date,
  decimal,
  defineMigration,
  derivedUuid,
  fold,
  noteWhen,
  type numeric,
  oneOf,
  ref,
  required,
  sql,
  type text,
  type uuid,
} from '../../src/index.ts'
import type { Finding } from '../../src/verify/verification.ts'
import { type VerifyOptions, verify } from '../../src/verify/verify.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from './fixture.ts'

/** Clinics of which two are one, visits with every disposition but matched, sums in both schemas. */
const schema = `
create schema old;
create table old.clinics (id text primary key, name text not null);
create table old.visits (id text primary key, clinic_id text, paid text, day date, kind text not null);
create schema new;
create table new.clinics (id uuid primary key, name text not null);
create table new.visits (
  id uuid primary key, clinic_id uuid references new.clinics, paid numeric(12, 2), day date, kind text
);
insert into old.clinics values ('c1', 'North'), ('c2', ' north'), ('c3', 'Central');
insert into old.visits select 'v' || i, 'c' || 1 + i % 3, case when i % 10 = 7 then null else i || '.50' end,
  case when i <> 19 then date '2025-01-01' + i end, case i % 4 when 0 then 'first' when 1 then 'odd' else 'next' end
from generate_series(1, 20) as i;
insert into old.visits values ('v21', 'gone', '1.00', null, 'first'), ('v22', 'c1', 'broken', null, 'next');
`

interface Old {
  'old.clinics': { id: text; name: text }
  'old.visits': { id: text; clinic_id: text | null; paid: text | null; day: date | null; kind: text }
}

interface New {
  'new.clinics': { id: uuid; name: text }
  'new.visits': { id: uuid; clinic_id: uuid | null; paid: numeric | null; day: date | null; kind: text | null }
}

export const m = defineMigration<Old, New>({ name: 'visits', cutover: '2025-06-01T00:00:00Z' })

export const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id,
  identity: ({ c }) => [fold(c.name)],
  to: 'new.clinics',
  columns: ({ c }) => ({ id: derivedUuid(c.id), name: c.name }),
})

export const visits = m.map('visits', {
  from: (db) => db.selectFrom('old.visits as v'),
  key: ({ v }) => v.id,
  to: 'new.visits',
  columns: ({ v }) => ({
    id: derivedUuid(v.id),
    clinic_id: required(ref(v.clinic_id, clinics).orQuarantine()).orQuarantine('no-clinic'),
    paid: decimal(v.paid).orQuarantine('not-a-number'),
    day: noteWhen(v.day, 'no-day', sql`${v.day} is null`),
    kind: oneOf(v.kind, ['first', 'next']).orNull('unknown-kind'),
  }),
})

/** A database in which the migration was run with these checks: a template for others. */
export async function loadedWith(checks: readonly DeclaredCheck[]): Promise<TestDatabase> {
  return createLoadedDatabase(schema, m.migration([clinics, visits], { checks }))
}

/** What a verification finds of the declared checks in a copy of `loaded`, after `fault`; by their names. */
export async function findingsAfter(
  loaded: TestDatabase,
  fault = '',
  options: VerifyOptions = {},
): Promise<{ readonly database: TestDatabase; readonly of: (rule: string) => Finding }> {
  const database = await createDatabase(loaded.name)
  if (fault !== '') await database.query(fault)
  const { findings } = await withDatabase(database.url, (db) => verify(db, '1', options))
  const of = (rule: string) => {
    const [finding, ...others] = findings.filter((candidate) => candidate.rule === rule)
    if (finding === undefined || others.length > 0) throw new Error(`${others.length + 1} findings of ${rule}`)
    return finding
  }
  return { database, of }
}
