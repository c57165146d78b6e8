import { execFileSync } from 'node:child_process'
import { chown, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, type TestContext, test } from 'vitest'
import { openDatabase } from '../../src/db/pg.ts'
import type { EmbeddedServer } from '../../src/embedded/index.ts'
import { type RunOptions, run } from '../../src/run/run.ts'
import { defaultLimits } from '../../src/run/worker.ts'
import { temporaryFolder } from '../embedded/sandbox.ts'
import { connectTo, type TestDatabase } from '../support/connect.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import { startInMemory } from '../support/in-memory.ts'
import { allowed, fill, planFor, schema, withDatabase } from './fixture.ts'

// A server that has no room left, on its disk or for connections.

const folder = await temporaryFolder()
const options: RunOptions = { allowed, rowsPerChunk: 200, workers: 2 }
const connections = 8

let server: EmbeddedServer
let undisturbed: unknown

beforeAll(async () => {
  // Three of the connections are kept for superusers, as which the tests connect.
  server = await startInMemory({ settings: { max_connections: String(connections) } })
  const database = await practiceDatabase('undisturbed')
  await withDatabase(database.url, async (db) => run(db, await planFor(db), options))
  undisturbed = await resultOf(database)
  await database.disconnect()
})
afterAll(() => server.stop())

const opened: TestDatabase[] = []
afterEach(async () => {
  for (const database of opened.splice(0)) await database.disconnect()
})

async function practiceDatabase(name: string): Promise<TestDatabase> {
  const first = connectTo(server.url)
  await first.query(`create database ${name}`)
  await first.disconnect()
  const database = connectTo(server.urlFor(name))
  opened.push(database)
  await database.query(schema + fill(20, 4000))
  return database
}

async function resultOf(database: TestDatabase) {
  const [row] = await database.query('select state from drover.run')
  return { state: row!.state, target: await digest(database, ['new']), ledger: await ledgerAccount(database) }
}

/** Puts the table of visits on a disk of two megabytes, which `other` fills. */
async function onSmallDisk(context: TestContext, database: TestDatabase): Promise<{ readonly other: string }> {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') context.skip('only root can mount a small disk')
  const disk = join(folder, database.name)
  await mkdir(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'pipe' })
  } catch (error) {
    context.skip(`no small disk could be mounted: ${(error as Error).message}`)
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', disk]))
  const { uid, gid } = await stat(server.dataDirectory)
  await mkdir(join(disk, 'tables'))
  await chown(join(disk, 'tables'), uid, gid)
  await database.query(`create tablespace ${database.name} location '${join(disk, 'tables')}'`)
  await database.query(`alter table new.visits set tablespace ${database.name}`)
  const other = join(disk, 'other')
  await writeFile(other, Buffer.alloc(2 * 2 ** 20)).catch(() => {})
  return { other }
}

test('the disk is full: the run fails and says so; once there is room it is resumed', async (context) => {
  const database = await practiceDatabase('disk_full')
  const { other } = await onSmallDisk(context, database)
  await withDatabase(database.url, async (db) => {
    const plan = await planFor(db)
    const limits = { ...defaultLimits, patience: { tries: 3, outageMs: 1_000 } }
    await expect(run(db, plan, { ...options, limits })).rejects.toMatchObject({
      code: 'chunk-failed',
      where: expect.stringContaining('mapping visits, chunk '),
      why: expect.stringContaining('SQLSTATE 53100, disk full'),
    })
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'failed' }])
    await rm(other)
    expect(await run(db, plan, options)).toMatchObject({ state: 'loaded' })
  })
  expect(await resultOf(database)).toEqual(undisturbed)
})

test('the disk is full for a while: the run waits and goes on', async (context) => {
  const database = await practiceDatabase('disk_filled')
  const { other } = await onSmallDisk(context, database)
  await withDatabase(database.url, async (db) => {
    const running = run(db, await planFor(db), options)
    const refused = `select count(*)::int as n from drover.attempt where sqlstate = '53100'`
    while ((await database.query(`select to_regclass('drover.attempt') as attempt`))[0]!.attempt === null)
      await sleep(20)
    while ((await database.query(refused))[0]!.n === 0) await sleep(20)
    await rm(other)
    expect(await running).toMatchObject({ state: 'loaded' })
  })
  expect(await resultOf(database)).toEqual(undisturbed)
})

test('more workers than connections: they take turns', async () => {
  const database = await practiceDatabase('crowded')
  const db = await openDatabase(database.url, { connections: 2 * connections })
  const outcome = await run(db, await planFor(db), { ...options, rowsPerChunk: 50, workers: 2 * connections })
  await db.close()
  expect(outcome).toMatchObject({ state: 'loaded' })
  expect(await resultOf(database)).toEqual(undisturbed)
})

test('no connection is left: a sentence says so, and what helps', async () => {
  const crowd = Array.from({ length: connections }, () => connectTo(server.url))
  onTestFinished(async () => {
    await Promise.allSettled(crowd.map((one) => one.disconnect()))
  })
  await Promise.allSettled(crowd.map((one) => one.query('select')))
  await expect(openDatabase(server.url)).rejects.toMatchObject({
    code: 'database-refused',
    why: expect.stringContaining('SQLSTATE 53300, too many connections'),
    remedy: expect.stringContaining('max_connections'),
  })
})
