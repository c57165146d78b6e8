import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type EmbeddedServer, startEmbedded } from '../../src/embedded/index.ts'
import { type RunOptions, resume, run } from '../../src/run/run.ts'
import { defaultLimits } from '../../src/run/worker.ts'
import { connectTo, type TestDatabase } from '../support/connect.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import { allowed, fill, planFor, schema, withDatabase } from './fixture.ts'

/** A server that writes its log when a commit waits for it, and at no other time that the test would see. */
const lazy = {
  wal_writer_delay: '10s',
  wal_writer_flush_after: '1GB',
  wal_buffers: '64MB',
  bgwriter_lru_maxpages: '0',
  autovacuum: 'off',
}

const options: RunOptions = { allowed, rowsPerChunk: 60, workers: 2, asyncCommit: true }

/** Nobody waits for the server to come back. */
const impatient = { ...defaultLimits, patience: { tries: 1, outageMs: 0 } }

/** SIGKILL of the server and all its processes, the first of them first: it would begin again by itself. */
async function killServer(server: EmbeddedServer, database: TestDatabase): Promise<void> {
  const [main] = readFileSync(join(server.dataDirectory, 'postmaster.pid'), 'utf8').split('\n').map(Number)
  const others = await database.query<{ pid: number }>('select pid from pg_stat_activity')
  const pids = [main!, ...others.map(({ pid }) => pid)]
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It was gone already.
    }
  }
  await database.disconnect().catch(() => {})
  while (pids.some(isAlive)) await sleep(5)
}

/** One that is dead and not yet buried holds nothing any more. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

async function chunksDone(database: TestDatabase): Promise<readonly number[]> {
  const rows = await database.query<{ number: number }>(
    `select number::int from drover.chunk where mapping = 'visits' and state = 'done' order by number`,
  )
  return rows.map(({ number }) => number)
}

const resultOf = async (database: TestDatabase) => ({
  target: await digest(database, ['new']),
  ledger: await ledgerAccount(database),
})

test('a crash of the server takes chunks that were not on the disk, whole; they are done again, and what is loaded stays', async () => {
  const server = await startEmbedded({ fsync: false, settings: lazy })
  onTestFinished(() => server.stop())
  const maintenance = connectTo(server.url)
  await maintenance.query('create database practice')
  const database = connectTo(server.urlFor('practice'))
  await database.query(schema + fill(60, 6_000))
  await database.disconnect()
  await maintenance.query('create database undisturbed template practice')
  const reference = connectTo(server.urlFor('undisturbed'))
  await withDatabase(reference.url, async (db) => run(db, await planFor(db), { allowed }))
  const undisturbed = await resultOf(reference)
  await reference.disconnect()
  await maintenance.disconnect()

  const broken = withDatabase(database.url, async (db) => run(db, await planFor(db), { ...options, limits: impatient }))
  broken.catch(() => {})
  let before: readonly number[] = []
  while (before.length < 10) before = await chunksDone(database).catch(() => [])
  await killServer(server, database)
  await expect(broken).rejects.toThrow()
  await server.restart()
  const kept = await chunksDone(database)
  expect(before.filter((number) => !kept.includes(number)).length).toBeGreaterThan(0)
  // I1: mark and rows went together.
  const [same] = await database.query(`select count(*)::int as rows,
    (select sum(loaded) from drover.chunk where mapping = 'visits')::int is not distinct from nullif(count(*), 0)::int as agree
    from new.visits`)
  expect(same).toMatchObject({ agree: true })
  await database.disconnect()

  await withDatabase(database.url, async (db) =>
    expect(await resume(db, '1', { ...options, rowsPerChunk: 1_000 })).toMatchObject({ state: 'loaded' }),
  )
  // The last word is on the disk, and with it all before.
  await killServer(server, database)
  await server.restart()
  expect(await database.query('select state from drover.run')).toEqual([{ state: 'loaded' }])
  expect(await resultOf(database)).toEqual(undisturbed)
  await database.disconnect()
})
