import { expect, test } from 'vitest'
import { cancelRun } from '../../src/run/control.ts'
import { run } from '../../src/run/run.ts'
import { allowed, fill, planFor, schema, withDatabase } from '../run/fixture.ts'
import { createDatabase } from '../support/postgres.ts'
import { stateOf } from '../support/state.ts'
import { runScript, scriptOf } from './run-script.ts'

test.each(['chunks', 'one transaction'] as const)('in %s: what a run has loaded is taken back', async (mode) => {
  const database = await createDatabase()
  await database.query(schema + fill(20, 3_000))
  await withDatabase(database.url, async (db) => {
    const before = await stateOf(database, db, ['old', 'new'])
    const plan = await planFor(db)
    await run(db, plan, { allowed, rowsPerChunk: 500 })
    const loaded = await stateOf(database, db, ['old', 'new'])
    const script = await scriptOf(db, { mode, blocksPerChunk: 5 })
    const told = await runScript(database.url, script)
    expect(told.filter((line) => line.startsWith('visits remove')).length).toBeGreaterThan(1)
    expect(await stateOf(database, db, ['old', 'new'])).toEqual(before)
    expect(await runScript(database.url, script)).toEqual(['Run 1 is taken back already: nothing is left to do.'])
    // The way is free for another run, which does the same; the old script leaves it alone.
    await run(db, plan, { allowed })
    await runScript(database.url, script)
    expect(await stateOf(database, db, ['old', 'new'])).toEqual(loaded)
  })
})

test('made before the run is finished, it takes back what the run does afterwards', async () => {
  const database = await createDatabase()
  await database.query(schema + fill(20, 3_000))
  await withDatabase(database.url, async (db) => {
    const before = await stateOf(database, db, ['old', 'new'])
    const plan = await planFor(db)
    const stop = new AbortController()
    await run(db, plan, { allowed, rowsPerChunk: 500, signal: stop.signal, onStart: () => stop.abort() })
    const [step] = await database.query(`select count(*)::int as begun from drover.step where state <> 'waiting'`)
    expect(step).toEqual({ begun: 0 })
    const script = await scriptOf(db)
    await run(db, plan, { allowed, rowsPerChunk: 500 })
    await runScript(database.url, script)
    expect(await stateOf(database, db, ['old', 'new'])).toEqual(before)
  })
})

test('a run is not taken back while a newer one of its migration is not over', async () => {
  const database = await createDatabase()
  await database.query(schema + fill(5, 50))
  await withDatabase(database.url, async (db) => {
    const plan = await planFor(db)
    const stop = new AbortController()
    const { runId } = await run(db, plan, { allowed, signal: stop.signal, onStart: () => stop.abort() })
    await cancelRun(db, runId)
    const script = await scriptOf(db)
    await run(db, plan, { allowed })
    const loaded = await stateOf(database, db, ['old', 'new'])
    await expect(runScript(database.url, script)).rejects.toMatchObject({
      code: 'DV001',
      message: 'Run 1 cannot be taken back while a newer one is not over: run 2',
    })
    expect(await stateOf(database, db, ['old', 'new'])).toEqual(loaded)
  })
})

test('a run that is under way comes to rest, and what it has not begun is not missed', async () => {
  const database = await createDatabase()
  await database.query(schema + fill(20, 3_000))
  await withDatabase(database.url, async (db) => {
    const before = await stateOf(database, db, ['old', 'new'])
    const plan = await planFor(db)
    let loaded = () => {}
    const isLoading = new Promise<void>((resolve) => {
      loaded = resolve
    })
    const running = run(db, plan, { allowed, rowsPerChunk: 5, workers: 2, onStart: () => loaded() })
    await isLoading
    await runScript(database.url, await scriptOf(db))
    await running
    expect(await database.query(`select count(*)::int as n from drover.event where what = 'run cancelling'`)).toEqual([
      { n: 1 },
    ])
    expect(await stateOf(database, db, ['old', 'new'])).toEqual(before)
    expect(await database.query(`select state from drover.run`)).toEqual([{ state: 'rolled_back' }])
  })
})

test('it stops where foreign keys were made since, where the ledger is another, and where the run is final', async () => {
  const database = await createDatabase()
  await database.query(schema + fill(5, 50))
  await withDatabase(database.url, async (db) => {
    await run(db, await planFor(db), { allowed })
    const script = await scriptOf(db)
    const loaded = await stateOf(database, db, ['old', 'new'])
    const complaint = () => runScript(database.url, script).catch((thrown) => thrown)
    await database.query('create table old.notes (visit_id uuid constraint of_visit references new.visits)')
    expect(await complaint()).toMatchObject({
      code: 'DV001',
      message: expect.stringMatching(/^Foreign keys were made.*: old\.notes: of_visit FOREIGN KEY/),
      hint: expect.stringContaining('Make the script anew'),
    })
    await database.query('drop table old.notes')
    await database.query(`update drover.run set state = 'finalized'`)
    expect(await complaint()).toMatchObject({ code: 'DV001', message: 'Run 1 is finalized and cannot be taken back.' })
    await database.query(`update drover.run set state = 'loaded', plan_hash = 'other'`)
    expect(await complaint()).toMatchObject({ code: 'DV001', message: expect.stringContaining('holds no run 1') })
    await database.query('insert into drover.ledger_version (version, drover) values (99, 0)')
    expect(await complaint()).toMatchObject({ code: 'DV001', message: expect.stringContaining('no longer of version') })
    expect(await stateOf(database, db, ['old', 'new'])).toEqual(loaded)
    const empty = await createDatabase()
    await expect(runScript(empty.url, script)).rejects.toMatchObject({ code: 'DV001' })
  })
})

test('a difference that nobody explains: one transaction changes nothing, chunks tell it at the end', async () => {
  const database = await createDatabase()
  await database.query(schema + fill(5, 50))
  await withDatabase(database.url, async (db) => {
    await run(db, await planFor(db), { allowed })
    await database.query('update drover.target_before set high = high + 1')
    const loaded = await stateOf(database, db, ['old', 'new'])
    const whole = runScript(database.url, await scriptOf(db, { mode: 'one transaction' }))
    await expect(whole).rejects.toMatchObject({
      code: 'DV006',
      detail: expect.stringContaining('new.visits had 0 rows'),
    })
    expect(await stateOf(database, db, ['old', 'new'])).toEqual(loaded)
    await expect(runScript(database.url, await scriptOf(db))).rejects.toMatchObject({ code: 'DV006' })
    expect(await database.query('select state, verdict from drover.run join drover.rollback on run_id = id')).toEqual([
      { state: 'rolled_back', verdict: 'fail' },
    ])
  })
})
