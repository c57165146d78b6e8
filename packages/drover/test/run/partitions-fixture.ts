import {
  blankToNull,
  decimal,
  defineMigration,
  derivedUuid,
  type FreezeMode,
  type int4,
  type numeric,
  oneOf,
  required,
  sql,
  type text,
  type uuid,
} from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames, type Plan } from '../../src/plan/plan.ts'
import { type RunOptions, run } from '../../src/run/run.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { withDatabase } from './fixture.ts'

export interface Old {
  'old.events': { id: int4; place: int4; reading: text | null; kind: text; note: text | null }
}

export interface New {
  'new.events': { id: uuid; reading: numeric; kind: text; note: text | null }
}

/** Carries the events over. */
export function migrationOf(freeze: FreezeMode) {
  const m = defineMigration<Old, New>({ name: 'parts', cutover: '2025-06-01T00:00:00Z', source: { freeze } })
  const events = m.map('events', {
    from: (db) => db.selectFrom('old.events as e'),
    key: ({ e }) => e.id,
    to: 'new.events',
    dropped: ['place'],
    columns: ({ e }) => ({
      id: derivedUuid(sql<text>`${e.id}::text`),
      reading: required(decimal(e.reading, { scale: 2 }).orQuarantine()).orQuarantine('no-reading'),
      kind: oneOf(e.kind, ['wind', 'rain']).orElse('rain'),
      note: blankToNull(e.note),
    }),
  })
  return m.migration([events])
}

/** A third of the rows lies in one place, the rest in some 180 others; one place holds none, and many hold a single row. */
export const rows = `
  insert into old.events
  select i, case when i % 3 = 0 then 1 when i % 3 = 1 then 2 + i / 3 % 8 when i < 60 then 10 + i when i % 50 = 2 then 900 else 100 + i % 70 end,
    case when i % 17 = 0 then 'none' when i % 19 <> 0 then i || '.5' end,
    (array['wind', 'RAIN ', 'snow'])[1 + i % 3], case when i % 5 = 0 then '' else repeat('note ', i % 40) end
  from generate_series(1, 6000) as i`
const columns =
  'id int not null, place int not null, reading text, kind text not null, note text, primary key (id, place)'
export const target = `create schema new;
  create table new.events (id uuid primary key, reading numeric not null, kind text not null, note text);`
/** The events in one table. */
export const plain = `create schema old; create table old.events (${columns}); ${target}`
/** In 201 partitions, two of them of a partition. */
export const partitioned = `create schema old;
  create table old.events (${columns}) partition by list (place);
  create table old.events_rest partition of old.events default;
  create table old.events_1 partition of old.events for values in (1) partition by hash (id);
  create table old.events_1_even partition of old.events_1 for values with (modulus 2, remainder 0);
  create table old.events_1_odd partition of old.events_1 for values with (modulus 2, remainder 1);
  ${Array.from({ length: 198 }, (_, i) => `create table old.events_${i + 2} partition of old.events for values in (${i + 2});`).join('\n')}
  ${target}`

export async function databaseOf(...statements: readonly string[]): Promise<TestDatabase> {
  const database = await createDatabase()
  for (const statement of statements) await database.query(statement)
  return database
}

export const planOf = (database: TestDatabase, freeze: FreezeMode): Promise<Plan> =>
  withDatabase(database.url, async (db) => {
    const catalog = await db.transaction((tx) => readWholeCatalog(tx, ['old', 'new']))
    return buildPlan(migrationOf(freeze), catalog)
  })

export const carryOut = (database: TestDatabase, plan: Plan, options: RunOptions = {}) =>
  withDatabase(database.url, (db) =>
    run(db, plan, { allowed: hazardNames, maxQuarantined: { percent: 50 }, ...options }),
  )

/** Begins a run that stops ahead of its first chunk. */
export const pauseAtOnce = async (database: TestDatabase, plan: Plan) => {
  const abort = new AbortController()
  await carryOut(database, plan, { rowsPerChunk: 500, signal: abort.signal, onStart: () => abort.abort() })
}
