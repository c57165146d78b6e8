import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Decisions } from '../../src/ledger/rollback.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { run } from '../../src/run/run.ts'
import { defaultLimits } from '../../src/run/worker.ts'
import { catalogOf, databaseWith } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, onServer, type TestDatabase, urlOf } from '../support/postgres.ts'
import { conflictsIn, createPractice, listed, practice, schema } from './practice.ts'

let template: TestDatabase

beforeAll(async () => {
  template = await createPractice()
})

/** Gives up on the first lock that is not to be had. */
const impatient = { ...defaultLimits, lockMs: 500, patience: { tries: 1, outageMs: 0 } }

/** A practice whose visits are half loaded: the last of them waits for a row that somebody else is about to write. */
async function halfLoaded(): Promise<TestDatabase> {
  const database = await databaseWith(schema)
  // What waits for a row needs the key that both would have.
  const plan = buildPlan({ ...practice, indexes: 'keep' }, await catalogOf(database))
  await database.query(`begin; insert into new.visits values (5, 900, null, null, 1)`)
  await withDatabase(database.url, async (db) => {
    await expect(
      run(db, plan, { allowed: hazardNames, rowsPerChunk: 2, workers: 1, limits: impatient }),
    ).rejects.toThrow()
  })
  await database.query('rollback')
  expect(await database.query(`select state from drover.step where mapping = 'visits'`)).toEqual([{ state: 'loading' }])
  expect(await database.query('select id from new.visits order by 1')).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }])
  return database
}

describe('a run that is half done', () => {
  test('has conflicts in what it has done', async () => {
    const database = await halfLoaded()
    await database.query(`update new.visits set note = 'x' where id = 1; insert into app.notes values (1, 2, null);
      update new.doctors set note = 'x' where id = 901`)
    await withDatabase(database.url, (db) => conflictsIn(db, {}, async () => {}))
    expect(await listed(database)).toEqual([
      'app.notes 1: added by notes_visit_id_fkey to new.visits 2',
      'new.doctors 901: changed',
      'new.visits 1: changed',
    ])
  })

  test('a rewritten table, too', async () => {
    const database = await halfLoaded()
    await database.query(`update new.visits set note = 'x' where id = 1`)
    await database.query(`alter table new.visits alter column amount type numeric(12, 4)`)
    await withDatabase(database.url, (db) => conflictsIn(db, {}, async () => {}))
    // Nobody knows until when the run wrote, so that the time at which a row came in proves nothing.
    expect(await listed(database)).toEqual(['new.visits 1: changed', 'new.visits 2: changed', 'new.visits 4: changed'])
  })

  test('and is taken back with them', async () => {
    const database = await halfLoaded()
    await database.query(`update new.visits set note = 'x' where id = 1; insert into app.notes values (1, 2, null)`)
    await withDatabase(database.url, async (db) => {
      expect(await rollback(db, '1', { onConflict: { '*': 'discard' } })).toMatchObject({ verdict: 'pass' })
    })
    expect(await database.query('select id from new.clinics union all select id from new.visits')).toEqual([
      { id: 900 },
    ])
  })
})

describe('a rollback that was interrupted', () => {
  /** Ends when the visits are taken back, and nothing that they refer to: somebody holds the doctors. */
  async function interrupted(statements: string, onConflict: Decisions): Promise<TestDatabase> {
    const database = await createDatabase(template.name)
    await database.query(statements)
    await database.query('begin; lock table new.doctors in exclusive mode')
    await withDatabase(database.url, async (db) => {
      await expect(rollback(db, '1', { workers: 1, onConflict, limits: impatient })).rejects.toThrow()
    })
    await database.query('rollback')
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'rolling_back' }])
    expect(
      await database.query(
        `select distinct mapping from drover.rollback_chunk where state = 'done' and kind = 'remove'`,
      ),
    ).toEqual([{ mapping: 'visits' }])
    return database
  }

  const goOn = (database: TestDatabase, onConflict: Decisions = {}) =>
    withDatabase(database.url, (db) => rollback(db, '1', { onConflict }))
  const ids = async (database: TestDatabase) =>
    (
      await database.query(
        `select 'clinic' as of, id from new.clinics union all select 'visit', id from new.visits order by 1, 2`,
      )
    ).map(({ of, id }) => `${of} ${id}`)

  test('finds no conflicts in what it has done itself', async () => {
    const database = await interrupted('select', {})
    expect(await goOn(database)).toMatchObject({ state: 'rolled_back', verdict: 'pass' })
    expect(await ids(database)).toEqual(['clinic 900'])
  })

  test('goes by the decisions with which it began, also for what is taken back already', async () => {
    const database = await interrupted(
      `update new.visits set note = 'x' where id = 1; insert into app.notes values (1, 2, null)`,
      { 'new.visits': 'keep', 'app.notes': 'discard' },
    )
    expect(await ids(database)).toEqual(['clinic 1', 'clinic 3', 'clinic 4', 'clinic 900', 'visit 1'])
    await goOn(database)
    expect(await ids(database)).toEqual(['clinic 1', 'clinic 900', 'visit 1'])
    expect(await database.query('select * from app.notes')).toEqual([])
    expect(await listed(database)).toEqual(['new.clinics 1: needed, keep', 'new.visits 1: changed, keep'])
  })

  test('leaves what others have put in the place of rows that are taken back', async () => {
    const database = await interrupted('select', {})
    await database.query(`insert into new.visits values (5, 900, null, null, 1)`)
    await goOn(database)
    expect(await ids(database)).toEqual(['clinic 900', 'visit 5'])
    expect(await listed(database)).toEqual([])
  })

  test('finds what others have done meanwhile', async () => {
    const database = await interrupted(`update new.visits set note = 'x' where id = 1`, { 'new.visits': 'discard' })
    await database.query(
      `update new.clinics set name = 'x' where id = 3; insert into new.visits values (5, 4, null, null, 1)`,
    )
    await expect(goOn(database)).rejects.toMatchObject({
      code: 'rollback-conflicts',
      findings: ['new.clinics: 1 row changed since (3)'],
    })
    await goOn(database, { 'new.clinics': 'keep' })
    expect(await ids(database)).toEqual(['clinic 3', 'clinic 900'])
    expect(await database.query('select row_key from drover.discarded_row order by id')).toEqual([
      { row_key: '1' },
      { row_key: '5' },
    ])
  })
})

describe('where foreign keys stay enforced', () => {
  const role = { name: `drover_owner_${randomBytes(4).toString('hex')}`, password: 'pw' }

  // Owns what the superuser owns, and may not act as a replica.
  beforeAll(() =>
    onServer((server) =>
      server.query(`create role ${role.name} login password '${role.password}' in role ${server.user}`),
    ),
  )
  afterAll(() => onServer((server) => server.query(`drop role ${role.name}`)))

  async function takenBack(statements: string, onConflict: Decisions): Promise<TestDatabase> {
    const database = await createDatabase(template.name)
    await database.query(statements)
    await withDatabase(urlOf(database.name, role), (db) => rollback(db, '1', { onConflict }))
    expect(await database.query('select triggers from drover.rollback')).toEqual([{ triggers: 'disabled' }])
    return database
  }

  test('added rows go in whatever order they refer to each other', async () => {
    const database = await takenBack(
      `insert into app.notes values (1, 1, null), (2, null, 1); update app.notes set parent_id = 2 where id = 1;
       insert into app.calls values (1, 1, 4); insert into app.recordings values (1, 1); insert into app.tags values (3, 'a');
       insert into new.visits values (70, 3, null, 2, 1); insert into app.notes values (3, 70, 2)`,
      { '*': 'discard' },
    )
    expect(await database.query('select id from new.clinics union all select id from new.visits')).toEqual([
      { id: 900 },
    ])
    expect(await database.query('select * from app.calls')).toEqual([{ id: 1, visit_id: null, clinic_id: null }])
  })

  test('rows that are kept keep what they refer to', async () => {
    const database = await takenBack(
      `insert into app.notes values (1, 5, null); update new.visits set note = 'x' where id = 2`,
      { '*': 'keep' },
    )
    expect(await database.query('select id, previous_id from new.visits order by 1')).toEqual([
      { id: 1, previous_id: null },
      { id: 2, previous_id: 1 },
      { id: 5, previous_id: null },
    ])
  })

  test('an added row to which a row of the run refers, which it needs itself: refused, and nothing is touched', async () => {
    const taking = takenBack(
      `insert into new.visits values (70, 3, null, null, 1); update new.visits set previous_id = 70 where id = 5`,
      { '*': 'discard' },
    )
    await expect(taking).rejects.toMatchObject({
      code: 'rollback-refused',
      why: expect.stringContaining('visits_previous_id_fkey'),
    })
  })
})
