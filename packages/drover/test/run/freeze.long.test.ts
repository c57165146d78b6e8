import { describe, expect, test } from 'vitest'
import type { MigrationDefinition } from '../../src/define/migration.ts'
import { oneOf, sql } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { run } from '../../src/run/run.ts'
import { verify } from '../../src/verify/verify.ts'
import { catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { allowed, fill, planFor, practice, schema, withDatabase } from './fixture.ts'

const frozen = (freeze: MigrationDefinition['freeze']): MigrationDefinition => ({ ...practice, freeze })

async function practiceDatabase(): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.query(schema)
  await database.query(fill(20, 300))
  return database
}

/** Runs until it would take its first chunk, then pauses. */
async function pauseAtOnce(database: TestDatabase, migration: MigrationDefinition): Promise<void> {
  await withDatabase(database.url, async (db) => {
    const abort = new AbortController()
    const plan = await planFor(db, migration)
    await run(db, plan, { allowed, signal: abort.signal, onStart: () => abort.abort() })
  })
}

async function carryOn(database: TestDatabase, migration: MigrationDefinition): Promise<void> {
  await withDatabase(database.url, async (db) => run(db, await planFor(db, migration), { allowed, rowsPerChunk: 20 }))
}

const triggers = (database: TestDatabase) =>
  database.query(`select tgrelid::regclass::text as "table" from pg_trigger where tgname = 'drover_frozen' order by 1`)

async function verdictOf(database: TestDatabase): Promise<unknown> {
  const { findings } = await withDatabase(database.url, (db) => verify(db, '1'))
  return findings.find(({ check }) => check === 'frozen source')
}

describe('freeze: block', () => {
  const writes = {
    insert: `insert into old.clinics values ('new', 'n', 'active', now())`,
    update: `update old.clinics set name = name where id = 'c1'`,
    delete: `delete from old.visits where id = 'x'`,
    truncate: 'truncate old.visits',
  }

  test('nobody writes until the run ends, not even between its chunks', async () => {
    const database = await practiceDatabase()
    await pauseAtOnce(database, frozen('block'))
    expect(await triggers(database)).toEqual([{ table: 'old.clinics' }, { table: 'old.visits' }])
    for (const statement of Object.values(writes)) {
      await expect(database.query(statement)).rejects.toMatchObject({
        code: '55006',
        message: /drover is migrating old/,
      })
    }
    await carryOn(database, frozen('block'))
    expect(await triggers(database)).toEqual([])
    for (const statement of Object.values(writes)) await database.query(statement)
  })

  test('verification says that writes were blocked', async () => {
    const database = await practiceDatabase()
    await carryOn(database, frozen('block'))
    expect(await verdictOf(database)).toMatchObject({ verdict: 'pass', detail: expect.stringContaining('blocked') })
  })

  test('a writer that is under way is waited for, and what it wrote is carried', async () => {
    const database = await practiceDatabase()
    await database.query(`begin; insert into old.clinics values ('late', 'Late', 'active', now())`)
    const carried = carryOn(database, frozen('block'))
    await expect.poll(() => withWaiters(database), { timeout: 60_000 }).toEqual([{ n: 1 }])
    await database.query('commit')
    await carried
    expect(await database.query(`select 1 as there from new.clinics where name = 'Late'`)).toEqual([{ there: 1 }])
  })

  test('chunks of physical blocks give the same target and account as ranges of keys', async () => {
    const results = []
    for (const freeze of ['verify', 'block'] as const) {
      const database = await practiceDatabase()
      await carryOn(database, frozen(freeze))
      results.push([await digest(database, ['new']), await ledgerAccount(database)])
    }
    expect(results[0]).toEqual(results[1])
  })

  test('a table that was rewritten meanwhile is noticed', async () => {
    const database = await practiceDatabase()
    await pauseAtOnce(database, frozen('block'))
    await database.query('vacuum full old.visits')
    await expect(carryOn(database, frozen('block'))).rejects.toMatchObject({
      code: 'source-rewritten',
      what: expect.stringContaining('old.visits'),
    })
  })

  test('partitions are held too; rows that evolve are written by the run alone', async () => {
    const database = await databaseWith(`
      create table old.events (id int primary key, kind text) partition by range (id);
      create table old.events_1 partition of old.events for values from (0) to (100);
      create table new.events (id int primary key, kind text);
      create table new.rooms (id int primary key, kind text);
      insert into old.events values (1, 'a');
      insert into new.rooms values (1, 'BIG');`)
    const m = migrationOf()
    const events = m.map('events', {
      from: (db) => db.selectFrom('old.events as e'),
      key: ({ e }) => e.id!,
      to: 'new.events',
      columns: ({ e }) => ({ id: e.id!, kind: e.kind! }),
    })
    const rooms = m.evolve('rooms', {
      from: (db) => db.selectFrom('new.rooms as r'),
      to: 'new.rooms',
      columns: ({ r }) => ({ kind: oneOf(sql<string>`${r.kind!}`, ['big', 'small']).orQuarantine() }),
    })
    const migration: MigrationDefinition = { ...m.migration([events, rooms]), freeze: 'block' }
    const plan = buildPlan(migration, await catalogOf(database))
    const abort = new AbortController()
    const given = { allowed: ['writes-existing-rows', 'unrehearsed', 'drops-indexes'] }
    await withDatabase(database.url, (db) =>
      run(db, plan, { ...given, signal: abort.signal, onStart: () => abort.abort() }),
    )
    expect(await triggers(database)).toEqual([
      { table: 'new.rooms' },
      { table: 'old.events' },
      { table: 'old.events_1' },
    ])
    await expect(database.query(`insert into old.events_1 values (2, 'b')`)).rejects.toMatchObject({ code: '55006' })
    await expect(database.query('update new.rooms set id = id')).rejects.toMatchObject({ code: '55006' })
    await withDatabase(database.url, (db) => run(db, plan, given))
    expect(await database.query('select * from new.rooms')).toEqual([{ id: 1, kind: 'big' }])
    expect(await triggers(database)).toEqual([])
  })
})

describe('freeze: verify', () => {
  test('an untouched source passes', async () => {
    const database = await practiceDatabase()
    await carryOn(database, frozen('verify'))
    expect(await verdictOf(database)).toMatchObject({ verdict: 'pass' })
  })

  test.each([
    ['a value is changed', `update old.visits set note = 'x' where id = (select min(id) from old.visits)`],
    [
      'two values are exchanged',
      `update old.clinics as c set name = o.name from old.clinics as o where c.id in ('c1', 'c2') and o.id in ('c1', 'c2') and c.id <> o.id`,
    ],
    ['a row is gone', `delete from old.visits where id = (select min(id) from old.visits)`],
  ])('it fails where %s during the run', async (_, statement) => {
    const database = await practiceDatabase()
    await pauseAtOnce(database, frozen('verify'))
    await database.query(statement)
    await carryOn(database, frozen('verify'))
    expect(await verdictOf(database)).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('Someone wrote to old.'),
    })
  })
})

test('freeze: none is a hazard, and verification says that it did not look', async () => {
  const database = await practiceDatabase()
  await withDatabase(database.url, async (db) => {
    const plan = await planFor(db, frozen('none'))
    await expect(run(db, plan, { allowed })).rejects.toMatchObject({ code: 'hazard-not-allowed' })
    await run(db, plan, { allowed: [...allowed, 'source-not-frozen'] })
  })
  expect(await verdictOf(database)).toMatchObject({ verdict: 'not run' })
})

async function withWaiters(database: TestDatabase): Promise<unknown> {
  return database.query(
    'select count(*)::int as n from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())',
  )
}
