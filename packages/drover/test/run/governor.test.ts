import pg from 'pg'
import { beforeEach, expect, test } from 'vitest'
import type { Database, TransactionOptions } from '../../src/db/connection.ts'
import { defaultServerLimits } from '../../src/monitor/limits.ts'
import { readServer } from '../../src/monitor/server.ts'
import { ask } from '../../src/run/control.ts'
import { startGovernor } from '../../src/run/governor.ts'
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
    'select process, figures, process_figures as own, memory_bytes::bigint as memory from drover.sample order by at desc limit 1',
  )
  expect(sample).toMatchObject({ figures: { blockedSessions: 0, databaseBytes: expect.any(Number), rows: 320 } })
  expect(Number(sample!.memory)).toBeGreaterThan(10_000_000)
  expect(sample!.own).toMatchObject({ peakBytes: Number(sample!.memory), cpuPart: expect.any(Number) })
})

test('it joins samples of its own that have become old, and watches what the run waits for', async () => {
  await withDatabase(database.url, async (db) => {
    await run(db, await planFor(db), { allowed })
    await database.query(`
      insert into drover.sample (run_id, at, process, action, workers, memory_bytes)
      select 1, date_trunc('minute', clock_timestamp()) - interval '11 minutes' + second * interval '1 second', 'host.1', 'go', 2, 1
      from generate_series(0, 59) as second`)
    const waiting = new pg.Client({ connectionString: database.url, application_name: 'drover run 1 host.1.1' })
    await waiting.connect()
    await waiting.query('begin')
    const governor = startGovernor(db, '1', {
      workers: 2,
      limits: defaultServerLimits,
      server: await db.transaction(readServer),
      process: 'host.1',
      everyMs: 20,
      thinEveryMs: 0,
    })
    const joined = `select samples from drover.sample where process = 'host.1' and at < clock_timestamp() - interval '9 minutes'`
    await expect.poll(() => database.query(joined), { timeout: 60_000 }).toEqual([{ samples: 60 }])
    await governor.stop()
    await waiting.end()
  })
  const [newest] = await database.query(
    `select figures -> 'seen' -> 'waits' as waits, count(*) over () ::int as samples
    from drover.sample where process = 'host.1' order by at desc limit 1`,
  )
  const { 'Client: ClientRead': idle = 0, none = 0, ...other } = newest!.waits as Record<string, number>
  expect(other).toEqual({})
  expect(idle).toBeGreaterThan(0)
  // Once for each sample: all but the one that stands for the old ones.
  expect(idle + none).toBe((newest!.samples as number) - 1)
})

test('beyond a limit no chunk is taken, with the reason in the ledger; the run still obeys, and goes on when allowed', async () => {
  const serverLimits = { ...defaultServerLimits, databaseBytes: 1_000_000 }
  const held = withDatabase(database.url, async (db) => run(db, await planFor(db), { allowed, serverLimits }))
  await expect
    .poll(() => samples().catch(() => []), { timeout: 60_000 })
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
      .poll(() => samples().catch(() => []), { timeout: 60_000 })
      .toEqual([{ action: 'wait', reason: 'the state of the server could not be read', workers: 0 }])
    expect(await chunksDone()).toBe(0)
    stop.abort()
    expect(await held).toMatchObject({ state: 'paused' })
  })
})
