import { expect, test } from 'vitest'
import { changeState, findRun } from '../../src/ledger/run.ts'
import type { RunState } from '../../src/ledger/state.ts'
import { run } from '../../src/run/run.ts'
import { allowed, fill, planFor, schema, withDatabase } from '../run/fixture.ts'
import { createDatabase } from '../support/postgres.ts'

test('a run ends once: verdicts on it do not move its end', async () => {
  const database = await createDatabase()
  await database.query(schema + fill(5, 20))
  await withDatabase(database.url, async (db) => {
    const { runId } = await run(db, await planFor(db), { allowed })
    const ended = (await db.transaction((tx) => findRun(tx, runId))).finishedAt
    expect(ended).not.toBeNull()
    for (const to of ['verified', 'loaded', 'verified'] as const) {
      expect(await db.transaction((tx) => changeState(tx, runId, to, 'a verdict'))).toBe(true)
      expect((await db.transaction((tx) => findRun(tx, runId))).finishedAt).toBe(ended)
    }
  })
})

test('a run that is asked to stop has not ended yet', async () => {
  const database = await createDatabase()
  await database.query(schema + fill(5, 20))
  await withDatabase(database.url, async (db) => {
    const { runId } = await run(db, await planFor(db), { allowed })
    await database.query(`update drover.run set state = 'running', finished_at = null`)
    const to = async (state: RunState) => {
      expect(await db.transaction((tx) => changeState(tx, runId, state, 'a hand'))).toBe(true)
      return (await db.transaction((tx) => findRun(tx, runId))).finishedAt
    }
    expect(await to('pausing')).toBeNull()
    expect(await to('paused')).not.toBeNull()
    expect(await to('running')).toBeNull()
    expect(await to('cancelling')).toBeNull()
    expect(await to('cancelled')).not.toBeNull()
  })
})

test('a run that was allowed its hazards need not be allowed them again', async () => {
  const database = await createDatabase()
  await database.query(schema + fill(5, 20))
  await withDatabase(database.url, async (db) => {
    const plan = await planFor(db)
    await expect(run(db, plan)).rejects.toMatchObject({ code: 'hazard-not-allowed' })
    expect(await database.query(`select to_regnamespace('drover') as ledger`)).toEqual([{ ledger: null }])
    await run(db, plan, { allowed })
    expect((await run(db, plan)).alreadyLoaded).toBe(true)
  })
})
