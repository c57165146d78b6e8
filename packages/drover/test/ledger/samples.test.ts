import { beforeEach, describe, expect, test } from 'vitest'
import type { Transaction } from '../../src/db/connection.ts'
import { readResourceUse } from '../../src/ledger/resources.ts'
import { readWorkingProcesses, thinSamples } from '../../src/ledger/sample.ts'
import { readDecisions, readProcesses } from '../../src/report/resources.ts'
import { run } from '../../src/run/run.ts'
import { allowed, fill, planFor, schema, withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase

beforeEach(async () => {
  database = await createDatabase()
  await database.query(schema + fill(5, 20))
  await withDatabase(database.url, async (db) => run(db, await planFor(db), { allowed, workers: 1 }))
})

/**
 * Three minutes of one process that became ten minutes old a while ago, a sample a second; the second minute it waited now
 * and then. Each second 100 rows and 1,000 bytes a row. Another process looked on.
 */
const past = `
truncate drover.sample;
insert into drover.sample (run_id, at, process, figures, action, limit_name, reason, workers, memory_bytes, process_figures)
select 1, date_trunc('minute', clock_timestamp()) - interval '13 minutes' + second * interval '1 second', process,
  jsonb_build_object('rows', 100 * second, 'walBytes', 7 + 100000 * second, 'databaseBytes', 5000 + second,
    'tempFiles', 0, 'tempBytes', 0, 'checkpointsTimed', second / 60, 'checkpointsRequested', 0, 'seen', jsonb_build_object(
      'waits', jsonb_build_object('none', 3 * second, 'IO: DataFileRead', second), 'replicationLagSeconds', null,
      'lockHolders', jsonb_build_object('psql', second, 'drover', 2 * second), 'freeDiskBytes', 9000 - second, 'hidden', '[]'::jsonb)),
  case when second between 60 and 119 and second % 10 = 0 then 'wait' else 'go' end,
  case when second between 60 and 119 and second % 10 = 0 then 'blockedSessions' end,
  case when second between 60 and 119 and second % 10 = 0 then 'second ' || second end,
  2, 1000 + second, jsonb_build_object('peakBytes', second, 'cpuUserSeconds', second)
from generate_series(1, 180) as second
cross join (values ('host.1'), ('other.2')) as working (process)
where process = 'host.1' or second between 100 and 110;`

const withTx = <T>(use: (tx: Transaction) => Promise<T>) => withDatabase(database.url, (db) => db.transaction(use))

const told = () =>
  withTx(async (tx) => ({
    use: await readResourceUse(tx, '1'),
    processes: await readProcesses(tx, '1'),
    decisions: await readDecisions(tx, '1'),
  }))

const stored = async () => (await database.query('select count(*)::int as n from drover.sample'))[0]!.n

describe('samples that have become old', () => {
  test('are joined to one a minute and decision, of their own process, and nothing that is told of the run changes', async () => {
    await database.query(past)
    const before = await told()
    expect(before.use).toMatchObject({
      seconds: 179,
      rows: '17900',
      rowsPerSecond: 100,
      walBytes: '17900000',
      walBytesPerRow: 1000,
      databaseBytesBefore: '5001',
      databaseBytesAfter: '5180',
      checkpointsTimed: '3',
      freeDiskBytes: '8820',
      peakMemoryBytes: '1180',
      waits: [
        { event: 'none', part: 0.75 },
        { event: 'IO: DataFileRead', part: 0.25 },
      ],
      // As the newest sample of each process says.
      lockHolders: [
        { applicationName: 'drover', times: 580 },
        { applicationName: 'psql', times: 290 },
      ],
    })
    expect(before.decisions).toMatchObject([
      { action: 'go', samples: '183' },
      { action: 'wait', limit: 'blockedSessions', samples: '8' },
    ])
    await withTx((tx) => thinSamples(tx, '1', 'host.1'))
    // The third minute is one, the second two; the first is older than what is looked for, and the other process's stay.
    expect(await stored()).toBe(59 + 2 + 2 + 11)
    const after = await told()
    expect(after).toEqual(before)
    // Again within the minute, and as if a minute had passed.
    await withTx((tx) => thinSamples(tx, '1', 'host.1'))
    await withTx((tx) => thinSamples(tx, '1', 'other.2'))
    expect(await told()).toEqual(before)
    const [waited] = await database.query(
      `select samples, reason, workers, extract(epoch from at - since)::int as seconds from drover.sample where action = 'wait' and process = 'host.1'`,
    )
    expect(waited).toEqual({ samples: 6, reason: 'second 110', workers: 2, seconds: 50 })
  })

  test('leave a pause out, joined or not', async () => {
    await database.query(past)
    await database.query(`delete from drover.sample where (figures ->> 'rows')::int between 8000 and 12000`)
    const { use } = await told()
    expect(use).toMatchObject({ seconds: 137, rowsPerSecond: 100, walBytesPerRow: 1000 })
    await withTx((tx) => thinSamples(tx, '1', 'host.1'))
    // The minute that follows the pause has no figures of its beginning any more.
    expect((await told()).use).toMatchObject({ seconds: 79, rowsPerSecond: 100, walBytesPerRow: 1000 })
  })
})

test('a run without samples has used nothing that is known', async () => {
  await database.query('truncate drover.sample')
  expect(await withTx((tx) => readResourceUse(tx, '1'))).toBeNull()
})

test('a short run has two samples, which tell what it took; its process is known while it is new', async () => {
  const use = await withTx((tx) => readResourceUse(tx, '1'))
  expect(use).toMatchObject({ rows: '25', replicationLagSeconds: null, hidden: [] })
  expect(use!.seconds).toBeGreaterThan(0)
  expect(Number(use!.walBytes)).toBeGreaterThan(10_000)
  expect(Number(use!.freeDiskBytes)).toBeGreaterThan(1_000_000)
  const [process] = await withTx((tx) => readWorkingProcesses(tx, '1'))
  expect(process!.figures).toMatchObject({ cpuUserSeconds: expect.any(Number), eventLoopPeakMs: expect.any(Number) })
  expect(process!.figures.cpuUserSeconds).toBeGreaterThan(0.1)
  expect(process!.figures.rssBytes).toBeGreaterThan(process!.figures.heapBytes)
  await database.query(`update drover.sample set at = at - interval '1 minute'`)
  expect(await withTx((tx) => readWorkingProcesses(tx, '1'))).toEqual([])
})
