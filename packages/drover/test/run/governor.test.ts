import { beforeEach, expect, test } from 'vitest'
import type { Database, TransactionOptions } from '../../src/db/connection.ts'
import { defaultServerLimits } from '../../src/monitor/limits.ts'
import { ask } from '../../src/run/control.ts'
import { run } from '../../src/run/run.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { allowed, fill, planFor, schema, withDatabase } from './fixture.ts'

let database: TestDatabase

beforeEach(async () => {
  database = await createDatabase()
  await database.query(schema)
  await database.query(fill(20, 300))
})

const samples = () =>
  database.query('select distinct action, reason, workers from drover.sample order by action, reason, workers')

const chunksDone = async () =>
  (await database.query(`select count(*)::int as n from drover.chunk where state = 'done'`))[0]!.n

test('a run on a calm server goes on unhindered, and leaves samples with the figures', async () => {
  await withDatabase(database.url, async (db) => run(db, await planFor(db), { allowed, workers: 2 }))
  expect(await samples()).toEqual([{ action: 'go', reason: null, workers: 2 }])
  const [sample] = await database.query(
    'select process, figures, memory_bytes::bigint as memory from drover.sample limit 1',
  )
  expect(sample).toMatchObject({ figures: { blockedSessions: 0, databaseBytes: expect.any(Number) } })
  expect(Number(sample!.memory)).toBeGreaterThan(10_000_000)
})

test('beyond a limit no chunk is taken, with the reason in the ledger; the run still obeys, and goes on when allowed', async () => {
  const serverLimits = { ...defaultServerLimits, databaseBytes: 1_000_000 }
  const held = withDatabase(database.url, async (db) => run(db, await planFor(db), { allowed, serverLimits }))
  await expect
    .poll(() => samples().catch(() => []), { timeout: 20_000 })
    .toEqual([
      { action: 'wait', reason: expect.stringMatching(/^the database has [\d.]+ MB, the limit is 1 MB$/), workers: 0 },
    ])
  expect(await chunksDone()).toBe(0)
  await withDatabase(database.url, (db) => ask(db, '1', 'pausing', 'a test'))
  expect(await held).toMatchObject({ state: 'paused' })
  await withDatabase(database.url, async (db) => run(db, await planFor(db), { allowed }))
  expect(await database.query('select state from drover.run')).toEqual([{ state: 'loaded' }])
})

test('a server that does not tell its state is let alone', async () => {
  await withDatabase(database.url, async (db) => {
    const isLook = (options?: TransactionOptions) =>
      options?.readOnly === true && options.settings?.application_name?.startsWith('drover governor')
    const silent: Database = {
      ...db,
      transaction: (work, options) =>
        isLook(options) ? Promise.reject(new Error('no answer')) : db.transaction(work, options),
    }
    const stop = new AbortController()
    const held = run(silent, await planFor(db), { allowed, signal: stop.signal })
    await expect
      .poll(() => samples().catch(() => []), { timeout: 20_000 })
      .toEqual([{ action: 'wait', reason: 'the state of the server could not be read', workers: 0 }])
    expect(await chunksDone()).toBe(0)
    stop.abort()
    expect(await held).toMatchObject({ state: 'paused' })
  })
})
