import { describe, expect, test } from 'vitest'
import type { MigrationDefinition } from '../../src/define/migration.ts'
import { oneOf, sql } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { cancelRun, pauseRun } from '../../src/run/control.ts'
import { type RunOptions, run } from '../../src/run/run.ts'
import { catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import { digest } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { allowed, fill, planFor, practice, practiceWithoutIdentity, schema, withDatabase } from './fixture.ts'

// What becomes of a migration whose run was ended, and of two migrations that share a database.

const hazards = [...allowed, 'fires-triggers', 'writes-existing-rows']

const blocking = (migration: MigrationDefinition): MigrationDefinition => ({ ...migration, freeze: 'block' })

/** Refuses rows of a table for a reason that stops the run, until that is mended. The plan sees the same trigger. */
const refuse = (table: string, when: string) => `
  create function public.refuse() returns trigger language plpgsql as $$
  begin raise exception 'no' using errcode = 'XX000'; end $$;
  create trigger refuse before insert or update on ${table} for each row when (${when})
  execute function public.refuse()`
const mend = `
  create or replace function public.refuse() returns trigger language plpgsql as 'begin return new; end'`

async function practiceDatabase(): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.query(schema)
  await database.query(fill(20, 300))
  return database
}

const carryOut = (database: TestDatabase, migration: MigrationDefinition, options: RunOptions = {}) =>
  withDatabase(database.url, async (db) => run(db, await planFor(db, migration), { allowed: hazards, ...options }))

const carryOutPlan = (database: TestDatabase, plan: Plan, options: RunOptions = {}) =>
  withDatabase(database.url, (db) => run(db, plan, { allowed: hazards, ...options }))

const takeBack = (database: TestDatabase) => withDatabase(database.url, (db) => rollback(db, '1'))

const cancel = (database: TestDatabase, runId: string) => withDatabase(database.url, (db) => cancelRun(db, runId))

const tablesOf = async (database: TestDatabase) =>
  (
    await database.query(
      `select relname as name from pg_class where relnamespace = 'drover'::regnamespace
        and relname ~ '^(crosswalk|resolution|source|before_image)_' and relkind = 'r' order by 1`,
    )
  ).map(({ name }) => name)

const runsOf = (database: TestDatabase) => database.query('select id::int, state from drover.run order by id')

describe('a run that failed before it loaded anything', () => {
  test('is cancelled, and the mended migration begins afresh', async () => {
    const database = await practiceDatabase()
    await database.query(refuse('new.clinics', 'true'))
    await expect(carryOut(database, blocking(practice))).rejects.toMatchObject({ code: 'chunk-failed' })
    await expect(database.query('delete from old.visits')).rejects.toMatchObject({ code: '55006' })
    await database.query(mend)
    const mended = blocking(practiceWithoutIdentity)
    await expect(carryOut(database, mended)).rejects.toMatchObject({
      code: 'plan-mismatch',
      remedy: 'It has loaded nothing: end it with drover cancel --run 1, then run this plan.',
    })

    expect(await cancel(database, '1')).toBe('cancelled')
    expect(await cancel(database, '1')).toBe('cancelled')
    await database.query('update old.visits set note = null')
    expect(await carryOut(database, mended)).toMatchObject({ runId: '2', state: 'loaded' })
    expect(await runsOf(database)).toEqual([
      { id: 1, state: 'cancelled' },
      { id: 2, state: 'loaded' },
    ])

    const fresh = await practiceDatabase()
    await carryOut(fresh, mended)
    expect(await digest(database, ['new'])).toEqual(await digest(fresh, ['new']))
    expect(await tablesOf(database)).toEqual(await tablesOf(fresh))
  })

  test('leaves no table of a mapping that the mended migration does not have', async () => {
    const database = await practiceDatabase()
    await database.query(refuse('new.clinics', 'true'))
    await expect(carryOut(database, practice)).rejects.toMatchObject({ code: 'chunk-failed' })
    await database.query(mend)
    await cancel(database, '1')
    expect(await tablesOf(database)).toEqual(['crosswalk_clinics', 'resolution_clinics'])
    const renamed = { ...practice, mappings: practice.mappings.map((m) => ({ ...m, name: `all_${m.name}` })) }
    await carryOut(database, { ...renamed, mappings: renamed.mappings.slice(0, 1) })
    expect(await tablesOf(database)).toEqual(['crosswalk_all_clinics', 'resolution_all_clinics'])
  })
})

describe('a run that has written', () => {
  test('is taken back, as the remedy says, before the migration runs again', async () => {
    const database = await practiceDatabase()
    await database.query(refuse('new.visits', 'true'))
    await expect(carryOut(database, practice)).rejects.toMatchObject({ code: 'chunk-failed' })
    await database.query(mend)
    await expect(carryOut(database, practiceWithoutIdentity)).rejects.toMatchObject({
      code: 'plan-mismatch',
      remedy:
        'Finish that run with the migration it was started with; or take back what it has loaded with drover rollback --run 1.',
    })
    await cancel(database, '1')
    await expect(carryOut(database, practice)).rejects.toMatchObject({
      code: 'state-refused',
      what: 'Run 1 of practice is cancelled, and what it loaded is still there.',
      where: 'mapping clinics',
      remedy: 'Take it back before the migration runs again: drover rollback --run 1.',
    })
    expect(await runsOf(database)).toEqual([{ id: 1, state: 'cancelled' }])

    await takeBack(database)
    expect(await carryOut(database, practice)).toMatchObject({ runId: '2', state: 'loaded' })
    const fresh = await practiceDatabase()
    await carryOut(fresh, practice)
    expect(await digest(database, ['new'])).toEqual(await digest(fresh, ['new']))
  })

  test('to rows that existed has written, though it loaded none', async () => {
    const database = await databaseWith(`
      create table new.rooms (id int primary key, kind text);
      insert into new.rooms select i, 'BIG' from generate_series(1, 20) as i`)
    const m = migrationOf()
    const rooms = m.evolve('rooms', {
      from: (db) => db.selectFrom('new.rooms as r'),
      to: 'new.rooms',
      columns: ({ r }) => ({ kind: oneOf(sql<string>`${r.kind!}`, ['big', 'small']).orQuarantine() }),
    })
    await database.query(refuse('new.rooms', 'new.id = 15'))
    const plan = buildPlan(m.migration([rooms]), await catalogOf(database))
    const options = { rowsPerChunk: 5, workers: 1 }
    await expect(carryOutPlan(database, plan, options)).rejects.toMatchObject({ code: 'chunk-failed' })
    await cancel(database, '1')
    await database.query(mend)
    await expect(carryOutPlan(database, plan, options)).rejects.toMatchObject({
      code: 'state-refused',
      remedy: expect.stringContaining('drover rollback --run 1'),
    })
    await takeBack(database)
    expect(await database.query('select distinct kind from new.rooms')).toEqual([{ kind: 'BIG' }])
    expect(await carryOutPlan(database, plan, options)).toMatchObject({ state: 'loaded' })
    expect(await database.query('select distinct kind from new.rooms')).toEqual([{ kind: 'big' }])
  })

  test('and is loaded can no longer be cancelled: the remedy says what is left to do', async () => {
    const database = await practiceDatabase()
    await carryOut(database, practice)
    await expect(carryOut(database, practiceWithoutIdentity)).rejects.toMatchObject({
      code: 'plan-mismatch',
      remedy: 'Take it back before another plan runs: drover rollback --run 1.',
    })
    await takeBack(database)
    expect(await carryOut(database, practiceWithoutIdentity)).toMatchObject({ runId: '2', state: 'loaded' })
  })
})

describe('the name of a mapping', () => {
  const other = (definition: MigrationDefinition): MigrationDefinition => ({ ...definition, name: 'other' })
  const taken = (...runs: readonly string[]) => ({
    code: 'mapping-taken',
    what: 'The names of 2 mappings are taken by other migrations.',
    findings: ['clinics', 'visits'].map((name, i) => `mapping ${name}: ${runs[i] ?? runs[0]}`),
    remedy: expect.stringMatching(/^Rename these mappings: /),
  })

  test('is refused to another migration, loaded or not, before anything is written', async () => {
    const database = await practiceDatabase()
    await withDatabase(database.url, async (db) => {
      const abort = new AbortController()
      const plan = await planFor(db, practice)
      const stopped = await run(db, plan, { allowed, signal: abort.signal, onStart: () => abort.abort() })
      expect(stopped.state).toBe('paused')
    })
    // The run has begun neither mapping.
    expect(await tablesOf(database)).toEqual([])
    await expect(carryOut(database, other(practice))).rejects.toMatchObject(taken('run 1 of migration practice'))
    await carryOut(database, practice)
    await expect(carryOut(database, other(practice))).rejects.toMatchObject(taken('run 1 of migration practice'))
    const clinicsAlone = { ...other(practice), mappings: practice.mappings.slice(0, 1) }
    await expect(carryOut(database, clinicsAlone)).rejects.toMatchObject({
      code: 'mapping-taken',
      what: 'The name of mapping clinics is taken by run 1 of migration practice.',
      remedy: expect.stringMatching(/^Rename the mapping: /),
    })
    expect(await runsOf(database)).toEqual([{ id: 1, state: 'loaded' }])
  })

  test('is free again where a run that was cancelled wrote nothing; then the newer run has it', async () => {
    const database = await practiceDatabase()
    await database.query(refuse('new.clinics', 'true'))
    await expect(carryOut(database, practice)).rejects.toMatchObject({ code: 'chunk-failed' })
    await database.query(mend)
    await cancel(database, '1')
    expect(await carryOut(database, other(practice))).toMatchObject({ runId: '2', state: 'loaded' })
    const held = await tablesOf(database)
    await expect(carryOut(database, practice)).rejects.toMatchObject(taken('run 2 of migration other'))
    expect(await tablesOf(database)).toEqual(held)
  })

  test('is free where the tables are gone', async () => {
    const database = await practiceDatabase()
    await carryOut(database, practice)
    for (const table of await tablesOf(database)) await database.query(`drop table drover.${table}`)
    await database.query('truncate new.clinics, new.visits')
    expect(await carryOut(database, other(practice))).toMatchObject({ runId: '2', state: 'loaded' })
  })
})

test('a failed run cannot be paused', async () => {
  const database = await practiceDatabase()
  await database.query(refuse('new.clinics', 'true'))
  await expect(carryOut(database, practice)).rejects.toMatchObject({ code: 'chunk-failed' })
  await withDatabase(database.url, (db) =>
    expect(pauseRun(db, '1')).rejects.toMatchObject({ code: 'state-refused', what: /failed/ }),
  )
})
