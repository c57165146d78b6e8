import { expect, test } from 'vitest'
import { defineMigration, derivedUuid, lowerTrim } from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { run } from '../../src/run/run.ts'
import type { Anything } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase } from '../support/postgres.ts'
import { stateOf } from '../support/state.ts'

const m = defineMigration<Anything, Anything>({ name: 'partitioned', cutover: '2025-06-01T00:00:00Z' })

const events = m.evolve('events', {
  from: (db) => db.selectFrom('new.events as e'),
  to: 'new.events',
  columns: ({ e }) => ({ kind: lowerTrim(e.kind!) }),
})

const visits = m.map('visits', {
  from: (db) => db.selectFrom('old.visits as v'),
  key: ({ v }) => v.id!,
  to: 'new.visits',
  columns: ({ v }) => ({ id: derivedUuid(v.id!), year: v.year! }),
})

test('rows of partitioned tables are removed and put back', async () => {
  const database = await createDatabase()
  await database.query(`
    create schema old;
    create table old.visits (id text primary key, year int not null);
    insert into old.visits select 'v' || i, 2020 + i % 3 from generate_series(1, 60) as i;
    create schema new;
    create table new.visits (id uuid not null, year int not null, primary key (id, year)) partition by list (year);
    create table new.visits_2020 partition of new.visits for values in (2020);
    create table new.visits_rest partition of new.visits default;
    create table new.events (id int not null, kind text not null, n int generated always as (length(kind)) stored,
      primary key (id)) partition by range (id);
    create table new.events_low partition of new.events for values from (0) to (20);
    create table new.events_high partition of new.events for values from (20) to (1000);
    insert into new.events (id, kind) select i, ' Kind ' || i from generate_series(1, 40) as i;`)
  await withDatabase(database.url, async (db) => {
    const catalog = await db.transaction((tx) => readWholeCatalog(tx, ['old', 'new']))
    const plan = buildPlan(m.migration([events, visits]), catalog)
    const before = await stateOf(database, db, ['old', 'new'])
    const { runId } = await run(db, plan, { allowed: hazardNames, rowsPerChunk: 15 })
    expect(await stateOf(database, db, ['old', 'new'])).not.toEqual(before)
    expect(await rollback(db, runId, { blocksPerChunk: 1 })).toMatchObject({ verdict: 'pass' })
    expect(await stateOf(database, db, ['old', 'new'])).toEqual(before)
  })
})
