import { expect, test } from 'vitest'
import { run } from '../../src/run/run.ts'
import { digest } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { allowed, fill, keepingIndexes, planFor, practiceWithoutIdentity, schema, withDatabase } from './fixture.ts'

async function practiceDatabase(): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.query(schema + fill(20, 2000))
  return database
}

const stateOf = async (database: TestDatabase) => (await database.query('select state from drover.run'))[0]!.state

// I2
test('a trigger that swallows rows breaks the sum, and the chunk is refused', async () => {
  const database = await practiceDatabase()
  await database.query(`
    create function new.swallow() returns trigger language plpgsql as
      $$ begin if new.number % 500 = 3 then return null; end if; return new; end $$;
    create trigger swallow before insert on new.visits for each row execute function new.swallow()`)
  await withDatabase(database.url, async (db) => {
    const started = run(db, await planFor(db), { allowed: [...allowed, 'fires-triggers'], rowsPerChunk: 300 })
    await expect(started).rejects.toMatchObject({
      code: 'chunk-failed',
      where: expect.stringContaining('mapping visits'),
      why: expect.stringContaining('chunk_conservation'),
    })
  })
  expect(await stateOf(database)).toBe('failed')
})

test('a source that grows during the run is not closed', async () => {
  const database = await practiceDatabase()
  await withDatabase(database.url, async (db) => {
    const plan = await planFor(db)
    // Inserted by a trigger of the target: a row for a range whose chunk is done by then.
    await database.query(`
      create function new.grow() returns trigger language plpgsql as $$ begin
        insert into old.visits values ('0000', 'c1', 999999, '1', now(), null) on conflict do nothing;
        return null;
      end $$;
      create trigger grow after insert on new.visits for each statement execute function new.grow()`)
    const grown = await planFor(db)
    expect(plan.hash).not.toBe(grown.hash)
    const started = run(db, grown, { allowed: [...allowed, 'fires-triggers'], rowsPerChunk: 300, workers: 1 })
    await expect(started).rejects.toMatchObject({ code: 'conservation-broken', where: 'mapping visits' })
  })
})

// I1
test('a chunk that fails leaves nothing behind, and the run goes on from there', async () => {
  const database = await practiceDatabase()
  await withDatabase(database.url, async (db) => {
    const plan = await planFor(db, keepingIndexes(practiceWithoutIdentity))
    const started = run(db, plan, { allowed, rowsPerChunk: 100, workers: 1, maxQuarantined: { rows: 0 } })
    await expect(started).rejects.toMatchObject({
      code: 'quarantine-limit',
      why: expect.stringMatching(/23505.*visits_clinic_id_number_key/),
    })
    const [account] = await database.query(`
      select (select count(*) from new.visits)::int as target,
        (select count(*) from drover.crosswalk_visits where disposition = 'loaded')::int as walked,
        (select sum(loaded) from drover.chunk where mapping = 'visits')::int as marked`)
    expect(account!.target).toBe(account!.walked)
    expect(account!.target).toBe(account!.marked ?? 0)

    await database.query(`delete from old.visits as v using old.visits as w where v.number = w.number and v.id > w.id`)
    const resumed = await run(db, plan, { allowed, rowsPerChunk: 100 })
    expect(resumed.state).toBe('loaded')
  })
})

test('a second run changes nothing and says so', async () => {
  const database = await practiceDatabase()
  await withDatabase(database.url, async (db) => {
    const plan = await planFor(db)
    const first = await run(db, plan, { allowed })
    const before = { target: await digest(database, ['new']), ledger: await digest(database, ['drover']) }
    const second = await run(db, await planFor(db), { allowed })
    expect(second).toEqual({ runId: first.runId, state: 'loaded', alreadyLoaded: true })
    expect({ target: await digest(database, ['new']), ledger: await digest(database, ['drover']) }).toEqual(before)
  })
})

test('two runs of one plan at once do the work once', async () => {
  const database = await practiceDatabase()
  await withDatabase(database.url, async (db) => {
    const plan = await planFor(db)
    const outcomes = await Promise.all([1, 2].map(() => run(db, plan, { allowed, rowsPerChunk: 50 })))
    expect(new Set(outcomes.map((outcome) => outcome.runId)).size).toBe(1)
    const [twice] = await database.query(
      `select count(*)::int as n from drover.crosswalk_visits group by source_key having count(*) > 1`,
    )
    expect(twice).toBeUndefined()
  })
})
