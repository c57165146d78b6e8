import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../../src/db/connection.ts'
import { startEmbedded } from '../../src/embedded/index.ts'
import { findWorkers } from '../../src/monitor/session.ts'
import { cancelRun, pauseRun } from '../../src/run/control.ts'
import { help, type RunOptions, resume, run } from '../../src/run/run.ts'
import { allowed, fill, planFor, schema, withDatabase } from '../run/fixture.ts'
import { connectTo } from '../support/connect.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

// Workers in several processes: the ledger is all that they share.

const child = fileURLToPath(new URL('../run/run-in-child.ts', import.meta.url))
const options: RunOptions = { allowed, rowsPerChunk: 60, workers: 2 }

async function practiceDatabase(): Promise<TestDatabase> {
  const database = await createDatabase()
  await database.query(schema + fill(60, 6000))
  return database
}

interface Process {
  readonly pid: number
  readonly exit: Promise<number | null>
  kill(signal: NodeJS.Signals): void
}

/** A process that runs or helps; it ends with the test. */
function start(url: string, ...words: readonly string[]): Process {
  const started = spawn(process.execPath, [child, ...words], {
    env: { ...process.env, DATABASE_URL: url },
    // What is meant to fail is not worth a stack trace.
    stdio: ['ignore', 'inherit', words.includes('--fragile') ? 'ignore' : 'inherit'],
  })
  onTestFinished(() => void started.kill('SIGKILL'))
  const exit = once(started, 'exit').then(([code]) => code as number | null)
  return { pid: started.pid!, exit, kill: (signal) => void started.kill(signal) }
}

/** Lets no chunk of the visits end while `meanwhile` happens: nobody finishes before others are at work. */
async function holdingChunks(database: TestDatabase, meanwhile: () => Promise<unknown>): Promise<void> {
  const holder = connectTo(database.url)
  await holder.query('begin; lock table new.visits in share mode')
  try {
    await meanwhile()
  } finally {
    await holder.disconnect()
  }
}

/** Resolves once workers of all these processes are seen at work. */
async function atWork(database: TestDatabase, ...processes: readonly Process[]): Promise<void> {
  await withRun(database, async (db) => {
    for (;;) {
      const workers = await findWorkers(db, '1')
      if (processes.every(({ pid }) => workers.some((worker) => worker.includes(`.${pid}.`)))) return
    }
  })
}

/** Resolves once `n` chunks of the run are done. */
async function chunksDone(database: TestDatabase, n: number): Promise<void> {
  const ready = async () =>
    (await database.query(`select to_regclass('drover.chunk') is not null as ready`))[0]!.ready === true
  while (!(await ready())) await sleep(20)
  const done = `select count(*)::int as n from drover.chunk where state = 'done'`
  while (((await database.query(done))[0]!.n as number) < n) await sleep(5)
}

const stateOf = async (database: TestDatabase) => (await database.query('select state from drover.run'))[0]?.state
const resultOf = async (database: TestDatabase) => ({
  target: await digest(database, ['new']),
  ledger: await ledgerAccount(database),
})
const withRun = <T>(database: TestDatabase, use: (db: Database) => Promise<T>) => withDatabase(database.url, use)

let undisturbed: Awaited<ReturnType<typeof resultOf>>

beforeAll(async () => {
  const database = await practiceDatabase()
  await withRun(database, async (db) => run(db, await planFor(db), options))
  undisturbed = await resultOf(database)
})

describe('a run', () => {
  test('is shared by processes: each does a part, and all end when it is loaded', async () => {
    const database = await practiceDatabase()
    const first = start(database.url, 'run')
    await chunksDone(database, 5)
    let helper: Process | undefined
    await holdingChunks(database, async () => {
      helper = start(database.url, 'help')
      await atWork(database, first, helper)
    })
    expect(await Promise.all([first.exit, helper!.exit])).toEqual([0, 0])
    expect(await resultOf(database)).toEqual(undisturbed)
    const workers = await database.query(`select distinct split_part(worker, '.', 2)::int as pid from drover.chunk`)
    expect(workers.map(({ pid }) => pid).toSorted()).toEqual([first.pid, helper!.pid].toSorted())
  })

  test('that another process is at says who has it; a second run of the plan helps', async () => {
    const database = await practiceDatabase()
    const first = start(database.url, 'run')
    await chunksDone(database, 5)
    await withRun(database, async (db) => {
      let told: unknown
      const outcome = await run(db, await planFor(db), {
        ...options,
        onStart: ({ outcome, workers }) => {
          told = { outcome, processes: [...new Set(workers.map((worker) => Number(worker.split('.').at(-2))))] }
        },
      })
      expect(told).toEqual({ outcome: 'joined', processes: [first.pid] })
      expect(outcome).toMatchObject({ state: 'loaded', alreadyLoaded: false })
    })
    expect(await resultOf(database)).toEqual(undisturbed)
  })

  test('needs none of its processes: whichever is killed, the others finish it and close its mappings', async () => {
    const database = await practiceDatabase()
    const first = start(database.url, 'run')
    await chunksDone(database, 5)
    let helpers: readonly Process[] = []
    await holdingChunks(database, async () => {
      helpers = [start(database.url, 'help'), start(database.url, 'help')]
      await atWork(database, ...helpers)
      // In the midst of a chunk.
      first.kill('SIGKILL')
      await first.exit
    })
    await chunksDone(database, 20)
    helpers[0]!.kill('SIGKILL')
    expect(await helpers[1]!.exit).toBe(0)
    expect(await stateOf(database)).toBe('loaded')
    expect(await resultOf(database)).toEqual(undisturbed)
  })

  test('fails for all where it fails for one, with the same words', async () => {
    const database = await practiceDatabase()
    await database.query('alter table new.visits add check (number <> 5999)')
    const first = start(database.url, 'run', '--fragile')
    await chunksDone(database, 5)
    const refused = { code: 'quarantine-limit', why: expect.stringContaining('23514') }
    await withRun(database, (db) => expect(help(db, '1', options)).rejects.toMatchObject(refused))
    expect(await first.exit).toBe(1)
    expect(await stateOf(database)).toBe('failed')
  })
})

describe('from another process', () => {
  test('a run is paused between chunks, then resumed by its stored plan', async () => {
    const database = await practiceDatabase()
    const first = start(database.url, 'run')
    await chunksDone(database, 10)
    await withRun(database, async (db) => {
      expect(await pauseRun(db, '1')).toBe('paused')
      // Paused means that nobody works on it: from now on nothing changes.
      const before = await resultOf(database)
      expect(await findWorkers(db, '1')).toEqual([])
      expect(await first.exit).toBe(0)
      expect(await resultOf(database)).toEqual(before)
      expect(await pauseRun(db, '1')).toBe('paused')
      await expect(help(db, '1')).rejects.toMatchObject({
        code: 'state-refused',
        remedy: expect.stringContaining('drover resume --run 1'),
      })
      expect(await resume(db, '1', options)).toMatchObject({ state: 'loaded' })
      await expect(pauseRun(db, '1')).rejects.toMatchObject({ code: 'state-refused' })
    })
    expect(await resultOf(database)).toEqual(undisturbed)
  })

  test('a pause waits for the chunks under way, and for no others', async () => {
    const database = await practiceDatabase()
    const first = start(database.url, 'run')
    await chunksDone(database, 5)
    let paused: Promise<string> | undefined
    let before: unknown
    await withRun(database, async (db) => {
      await holdingChunks(database, async () => {
        await atWork(database, first)
        paused = pauseRun(db, '1')
        await sleep(500)
        expect(await stateOf(database)).toBe('pausing')
        before = await database.query(`select count(*)::int as n from drover.chunk where state = 'done'`)
      })
      expect(await paused).toBe('paused')
      const [{ n }] = before as [{ n: number }]
      const [after] = await database.query(`select count(*)::int as n from drover.chunk where state = 'done'`)
      expect(after!.n).toBeLessThanOrEqual(n + 3)
    })
  })

  test('a run whose process was killed in the midst of pausing comes to rest', async () => {
    const database = await practiceDatabase()
    const first = start(database.url, 'run')
    await chunksDone(database, 10)
    first.kill('SIGKILL')
    await withRun(database, async (db) => {
      await database.query(`update drover.run set state = 'pausing'`)
      expect(await pauseRun(db, '1')).toBe('paused')
    })
  })

  test('a run is cancelled for good; the migration does not run again over what it has left', async () => {
    const database = await practiceDatabase()
    const first = start(database.url, 'run')
    await chunksDone(database, 10)
    await withRun(database, async (db) => {
      expect(await cancelRun(db, '1')).toBe('cancelled')
      await first.exit
      await expect(resume(db, '1')).rejects.toMatchObject({ code: 'state-refused' })
      await expect(pauseRun(db, '1')).rejects.toMatchObject({ code: 'state-refused' })
      await expect(run(db, await planFor(db), options)).rejects.toMatchObject({
        code: 'state-refused',
        what: expect.stringContaining('is cancelled, and what it loaded is still there'),
      })
    })
    const [row] = await database.query(
      `select (select sum(loaded) from drover.chunk where mapping = 'visits')::int = (select count(*) from new.visits)::int as same`,
    )
    expect(row).toEqual({ same: true })
  })

  test('Ctrl-C of a helper stops its help alone; of the run, everything', async () => {
    const database = await practiceDatabase()
    const first = start(database.url, 'run')
    await chunksDone(database, 5)
    let helpers: readonly Process[] = []
    await holdingChunks(database, async () => {
      helpers = [start(database.url, 'help'), start(database.url, 'help')]
      await atWork(database, first, ...helpers)
      helpers[0]!.kill('SIGINT')
      await sleep(100)
    })
    expect(await helpers[0]!.exit).toBe(0)
    expect(await stateOf(database)).toBe('running')
    first.kill('SIGINT')
    expect(await Promise.all([first.exit, helpers[1]!.exit])).toEqual([0, 0])
    expect(await stateOf(database)).toBe('paused')
  })
})

test('the server restarts in mid-run: by order, then by a crash; the same process goes on', async () => {
  const server = await startEmbedded({ fsync: true })
  onTestFinished(() => server.stop())
  const database = connectTo(server.url)
  await database.query(schema + fill(60, 6000))
  const running = start(server.url, 'run')
  await chunksDone(database, 10)
  await database.disconnect()
  await server.restart('fast')
  await chunksDone(database, 30)
  await database.disconnect()
  await server.restart('immediate')
  expect(await running.exit).toBe(0)
  expect(await stateOf(database)).toBe('loaded')
  expect(await resultOf(database)).toEqual(undisturbed)
  await database.disconnect()
})
