import { expect, test } from 'vitest'
import { readBegunTasks } from '../../src/ledger/progress.ts'
import { markLoading, noteStepWorker } from '../../src/ledger/step.ts'
import { run } from '../../src/run/run.ts'
import { allowed, fill, planFor, schema, withDatabase } from '../run/fixture.ts'
import { createDatabase } from '../support/postgres.ts'

test('a mapping that is prepared is in nobody’s hands until somebody closes it', async () => {
  const database = await createDatabase()
  await database.query(schema + fill(5, 20))
  await withDatabase(database.url, async (db) => {
    const { runId } = await run(db, await planFor(db), { allowed })
    await database.query(`delete from drover.chunk where mapping = 'clinics';
      update drover.step set state = 'waiting', worker = null where mapping = 'clinics'`)
    const counts = { sourceRows: '5', targetRows: '0', sourceBytes: null }
    const tasks = await db.transaction(async (tx) => {
      await noteStepWorker(tx, runId, 'clinics', 'h.1.1')
      const prepares = await readBegunTasks(tx, runId)
      await markLoading(tx, runId, 'clinics', counts)
      const waits = await readBegunTasks(tx, runId)
      await noteStepWorker(tx, runId, 'clinics', 'h.1.2')
      return { prepares, waits, closes: await readBegunTasks(tx, runId) }
    })
    expect(tasks).toMatchObject({
      prepares: [{ worker: 'h.1.1', mapping: 'clinics', kind: 'prepare' }],
      waits: [],
      closes: [{ worker: 'h.1.2', mapping: 'clinics', kind: 'close' }],
    })
  })
})
