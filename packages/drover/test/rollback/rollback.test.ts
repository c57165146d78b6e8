import { expect, test } from 'vitest'
import { rollback } from '../../src/rollback/rollback.ts'
import { run } from '../../src/run/run.ts'
import { fill, planFor, schema, withDatabase } from '../run/fixture.ts'
import { digest } from '../support/digest.ts'
import { createDatabase } from '../support/postgres.ts'

test('what a run has loaded is removed, and everything is as it was', async () => {
  const database = await createDatabase()
  await database.query(schema + fill(20, 3_000))
  await withDatabase(database.url, async (db) => {
    const plan = await planFor(db)
    const before = await digest(database, ['old', 'new'])
    const { runId } = await run(db, plan, {
      allowed: ['merges-rows', 'unrehearsed', 'drops-indexes'],
      rowsPerChunk: 500,
    })
    const loaded = await digest(database, ['old', 'new'])
    expect(loaded).not.toEqual(before)
    const outcome = await rollback(db, runId, { blocksPerChunk: 5 })
    expect(outcome).toMatchObject({ state: 'rolled_back', verdict: 'pass' })
    expect(await digest(database, ['old', 'new'])).toEqual(before)
    // The way is free for another run, which does the same.
    await run(db, plan, { allowed: ['merges-rows', 'unrehearsed', 'drops-indexes'] })
    expect(await digest(database, ['old', 'new'])).toEqual(loaded)
  })
})

test('a run that an older drover began is refused, and nothing is touched', async () => {
  const database = await createDatabase()
  await database.query(schema + fill(20, 200))
  await withDatabase(database.url, async (db) => {
    const { runId } = await run(db, await planFor(db), { allowed: ['merges-rows', 'unrehearsed', 'drops-indexes'] })
    const loaded = await digest(database, ['old', 'new'])
    // It took no fingerprints.
    await database.query('delete from drover.target_before')
    await expect(rollback(db, runId)).rejects.toMatchObject({ code: 'state-refused' })
    expect(await digest(database, ['old', 'new'])).toEqual(loaded)
  })
})
