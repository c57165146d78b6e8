import { beforeEach, describe, expect, test } from 'vitest'
import { readActivity } from '../../src/monitor/activity.ts'
import { run } from '../../src/run/run.ts'
import { allowed, fill, planFor, schema, withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase

beforeEach(async () => {
  database = await createDatabase()
  await database.query(schema + fill(10, 300))
})

const activity = (state: 'running' | 'failed' | 'paused' | 'pausing') =>
  withDatabase(database.url, (db) => readActivity(db, { id: '1', state }))

describe('what a run does now', () => {
  test('how fast it was in the last minute, and when what is left will be through', async () => {
    await withDatabase(database.url, async (db) =>
      run(db, await planFor(db), { allowed, rowsPerChunk: 10, workers: 1 }),
    )
    // As if it had taken a chunk a second, and stopped after half of them.
    await database.query(`
      update drover.chunk
      set state = case when number <= 15 then 'done' else 'open' end,
        read = case when number <= 15 then read end, loaded = case when number <= 15 then loaded end,
        finished_at = clock_timestamp() - (15 - number) * interval '1 second'
      where mapping = 'visits';
      update drover.step set state = 'loading' where mapping = 'visits'`)
    const { estimate, remainingRows, uncounted, workers, waits } = await activity('running')
    expect({ remainingRows, uncounted, workers }).toEqual({ remainingRows: 150, uncounted: [], workers: [] })
    expect(Math.abs(estimate!.rowsPerSecond - 10)).toBeLessThanOrEqual(2)
    expect(estimate!.leastMs).toBeLessThanOrEqual(16_000)
    expect(estimate!.mostMs).toBeGreaterThanOrEqual(12_000)
    expect(waits).toEqual(['No worker is at it. Start one: drover worker --run 1.'])
    expect((await activity('paused')).estimate).toBeNull()
  })

  test('why it has failed, and what did not go through', async () => {
    await database.query('alter table new.visits add check (number <> 250)')
    const failing = withDatabase(database.url, async (db) =>
      run(db, await planFor(db), { allowed, rowsPerChunk: 100, workers: 1, maxQuarantined: { rows: 0 } }),
    )
    await expect(failing).rejects.toMatchObject({ code: 'quarantine-limit' })
    const { waits } = await activity('failed')
    expect(waits[0]).toMatch(
      /^It has failed: The database refuses more rows of mapping visits than allowed \(SQLSTATE 23514, .*\)\. Mend that, then: drover resume --run 1\.$/,
    )
    expect(waits[1]).toMatch(
      /^In the last minute \d+ chunks of visits did not go through: SQLSTATE 23514, check constraint violated; split\.$/,
    )
  })

  test('that it is throttled, and why, and not that nobody is at it', async () => {
    await withDatabase(database.url, async (db) => run(db, await planFor(db), { allowed }))
    await database.query(`
      insert into drover.sample (run_id, at, process, action, reason, workers, memory_bytes)
      select 1, clock_timestamp() - age * interval '1 second', process, action, reason, workers, 1
      from (values
        (1, 'host.12', 'wait', 'a replica is 45 s behind, the limit is 30 s', 0),
        (2, 'host.12', 'go', null, 2),
        (1, 'host.34', 'fewer-workers', 'active sessions of others: 11, the limit is 10', 1),
        (1, 'host.56', 'go', null, 2),
        (2, 'host.56', 'wait', 'it was so a moment ago', 0),
        (60, 'host.78', 'wait', 'its process is gone', 0)
      ) as told (age, process, action, reason, workers)`)
    expect((await activity('running')).waits).toEqual([
      'host.12 is throttled and waits: a replica is 45 s behind, the limit is 30 s.',
      'host.34 is throttled and works with 1 worker: active sessions of others: 11, the limit is 10.',
    ])
  })

  test('that it is still asked to pause though nobody is there to do so', async () => {
    await withDatabase(database.url, async (db) => run(db, await planFor(db), { allowed }))
    expect((await activity('pausing')).waits).toEqual(['It is pausing: ask again to bring it to rest.'])
  })
})
