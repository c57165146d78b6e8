import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readExecutions } from '../../src/check/execution.ts'
import type { Database } from '../../src/db/connection.ts'
import { derivedUuid, ref, sql } from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { executionProbes } from '../../src/plan/execution-probe.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { run } from '../../src/run/run.ts'
import { verify } from '../../src/verify/verify.ts'
import { migrationOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import { connectTo } from '../support/connect.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { makeCatalogue } from './catalogue.ts'

/**
 * A database on the coordinator of a cluster, without a ledger. Schemas `old`, `app` and `drover` are made there, and
 * dropped.
 */
const clusterUrl = process.env.DROVER_CITUS_URL
if (clusterUrl === undefined) {
  console.log('Skipped on a cluster: DROVER_CITUS_URL names no database of a Citus coordinator.')
}

/** Many tenants: what belongs to a clinic lies with it; kinds are the same for all. */
const schema = `
create schema old;
create table old.clinics (id text primary key, name text not null);
create table old.kinds (id text primary key, title text not null);
create table old.visits (id text primary key, clinic text not null, kind text, amount text not null);
insert into old.clinics select 'c' || i, 'Clinic ' || i from generate_series(1, 20) as i;
insert into old.kinds values ('a', 'First'), ('b', 'Second');
insert into old.visits select 'v' || i, 'c' || 1 + i % 21, case i % 3 when 0 then 'a' when 1 then 'b' end, i::text
from generate_series(1, 600) as i;
create schema app;
create table app.clinics (id uuid primary key, name text not null);
create table app.kinds (id text primary key, title text not null, note text);
create table app.visits (clinic_id uuid not null, id uuid not null, kind text, amount numeric(9, 2) not null, primary key (clinic_id, id));
create index visits_kind_idx on app.visits (kind);
insert into app.kinds values ('a', 'Old title', 'stays');`

const keys = `
alter table app.visits add constraint visits_clinic_fkey foreign key (clinic_id) references app.clinics;
alter table app.visits add constraint visits_kind_fkey foreign key (kind) references app.kinds`

const m = migrationOf('tenants')
const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('old.clinics as c'),
  key: ({ c }) => c.id!,
  to: 'app.clinics',
  columns: ({ c }) => ({ id: derivedUuid(c.id!), name: c.name! }),
})
const kinds = m.map('kinds', {
  from: (db) => db.selectFrom('old.kinds as k'),
  key: ({ k }) => k.id!,
  match: { on: (to, existing) => sql`${existing.id!} = ${to.id!}`, found: 'update', update: ['title'] },
  to: 'app.kinds',
  columns: ({ k }) => ({ id: k.id!, title: k.title! }),
})
const visits = m.map('visits', {
  from: (db) => db.selectFrom('old.visits as v'),
  key: ({ v }) => v.id!,
  to: 'app.visits',
  columns: ({ v }) => ({
    clinic_id: ref(v.clinic!, clinics).orQuarantine('no-clinic'),
    id: derivedUuid(v.id!),
    kind: ref(v.kind!, kinds).orNull(),
    amount: sql`${v.amount!}::numeric` as never,
  }),
})
const tenants = m.migration([clinics, kinds, visits])

/** A server that only looks like a cluster: the statements are tried there, and not how nodes carry them out. */
async function standIn(): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.query(`${schema}${keys}`)
  const distributed = { repmodel: 's', partmethod: 'h', colocation: 1, shards: 32 }
  await makeCatalogue(database, [
    { table: 'app.clinics', partkey: 'id', ...distributed },
    { table: 'app.visits', partkey: 'clinic_id', ...distributed },
    { table: 'app.kinds', partkey: null, repmodel: 't', partmethod: 'n', colocation: 2, shards: 1 },
  ])
  return database
}

async function cluster(): Promise<TestDatabase> {
  const database = connectTo(clusterUrl!)
  const ledger = await database.query(`select from pg_namespace where nspname in ('drover', 'old', 'app')`)
  if (ledger.length > 0) throw new Error('The database of DROVER_CITUS_URL must not have schemas drover, old or app.')
  await database.query(schema)
  await database.query(`select create_distributed_table('app.clinics', 'id')`)
  await database.query(`select create_distributed_table('app.visits', 'clinic_id', colocate_with => 'app.clinics')`)
  await database.query(`select create_reference_table('app.kinds')`)
  for (const key of keys.split(';')) await database.query(key)
  return database
}

describe.each([
  { place: 'a stand-in', make: standIn, isThere: true },
  { place: 'a cluster', make: cluster, isThere: clusterUrl !== undefined },
])('a migration of many tenants on $place', ({ place, make, isThere }) => {
  let database: TestDatabase

  beforeAll(async () => {
    if (isThere) database = await make()
  })
  afterAll(async () => {
    if (isThere && place === 'a cluster') {
      await database.query('drop schema if exists drover cascade; drop schema old cascade')
      await database.query('drop schema app cascade')
    }
    await database?.drop()
  })

  const rowsOf = async () => {
    const found: unknown[] = []
    for (const table of ['clinics', 'kinds', 'visits']) {
      found.push(await database.query(`select t.* from app.${table} as t order by t.id`))
    }
    return found
  }

  const planIt = async (db: Database) => {
    const catalog = await db.transaction((tx) => readWholeCatalog(tx, ['app', 'old']))
    return {
      plan: buildPlan(tenants, catalog),
      executions: await readExecutions(db, executionProbes(tenants, catalog)),
    }
  }

  test.skipIf(!isThere)('is planned, run by two workers, verified, and taken back', async () => {
    const before = await rowsOf()
    await withDatabase(database.url, async (db) => {
      const { plan, executions } = await planIt(db)
      expect(plan.mappings.map(({ name, spread }) => [name, spread!.kind, spread!.column])).toEqual([
        ['clinics', 'distributed', 'id'],
        ['kinds', 'reference', null],
        ['visits', 'distributed', 'clinic_id'],
      ])
      expect(executions.map(({ mapping }) => mapping)).toEqual(['clinics', 'kinds', 'visits'])
      expect(executions.every(({ mode }) => mode !== null)).toBe(true)
      await run(db, plan, { allowed: hazardNames, rowsPerChunk: 100, workers: 2 })
      // Every 21st visit is of a clinic that is not there.
      expect(await database.query('select count(*)::int as n from app.visits')).toEqual([{ n: 572 }])
      expect(await database.query(`select id, title, note from app.kinds order by id`)).toEqual([
        { id: 'a', title: 'First', note: 'stays' },
        { id: 'b', title: 'Second', note: null },
      ])
      const { findings } = await verify(db, '1', { recheckAfterMs: 1 })
      expect(findings.filter(({ verdict }) => verdict === 'fail')).toEqual([])
      const compared = findings.filter(({ check, verdict }) => check === 'row comparison' && verdict === 'pass')
      expect(compared.map(({ mapping }) => mapping).toSorted()).toEqual(['clinics', 'kinds', 'visits'])
      await database.query(`update app.visits set amount = 0 where amount = 7`)
      await expect(rollback(db, '1')).rejects.toMatchObject({
        code: 'rollback-conflicts',
        findings: [expect.stringMatching(/^app\.visits: 1 row changed since/)],
      })
      const outcome = await rollback(db, '1', { onConflict: { '*': 'discard' } })
      expect(outcome.findings.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    })
    expect(await rowsOf()).toEqual(before)
    expect(await database.query('select table_name from drover.discarded_row')).toEqual([{ table_name: 'visits' }])
  })
})
