import pg from 'pg'
import { expect, test } from 'vitest'
import { readSample } from '../../src/monitor/sample.ts'
import { run } from '../../src/run/run.ts'
import { allowed, fill, planFor, schema, withDatabase } from '../run/fixture.ts'
import { createDatabase } from '../support/postgres.ts'

const read = (url: string) => withDatabase(url, (db) => db.transaction((tx) => readSample(tx, '1')))

test('a sample tells of the log, the size, the chunks, and of nobody who is in the way', async () => {
  const database = await createDatabase()
  await database.query(schema)
  await database.query(fill(20, 300))
  await withDatabase(database.url, async (db) => run(db, await planFor(db), { allowed, rowsPerChunk: 20 }))
  const first = await read(database.url)
  expect(first).toMatchObject({ replicationLagSeconds: null, blockedSessions: 0, activeSessions: 0 })
  expect(first.chunkMs).toBeGreaterThan(0)
  expect(first.databaseBytes).toBeGreaterThan(1_000_000)
  await database.query('create table bulk as select i, md5(i::text) from generate_series(1, 20000) as i')
  const second = await read(database.url)
  expect(second.walBytes! - first.walBytes!).toBeGreaterThan(500_000)
  expect(second.databaseBytes).toBeGreaterThan(first.databaseBytes)
  expect(second.atMs).toBeGreaterThan(first.atMs)
})

test('whoever waits for a lock of the run is counted after a second, and whoever waits for another is not', async () => {
  const database = await createDatabase()
  await database.query(`${schema} create schema drover; create table drover.chunk
    (run_id bigint, state text, kind text, started_at timestamptz, finished_at timestamptz);
    create table ours (); create table theirs ();`)
  const open = async (name: string) => {
    const client = new pg.Client({ connectionString: database.url, application_name: name })
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const [holder, other, waiting, elsewhere] = await Promise.all(
    ['drover run 1 worker 1', 'app', 'app', 'app'].map(open),
  )
  try {
    await holder!.query('begin; lock table ours in access exclusive mode')
    await other!.query('begin; lock table theirs in access exclusive mode')
    waiting!.query('select from ours').catch(() => {})
    elsewhere!.query('select from theirs').catch(() => {})
    await expect.poll(async () => (await read(database.url)).blockedSessions, { timeout: 10_000 }).toBe(1)
    expect((await read(database.url)).activeSessions).toBe(2)
  } finally {
    await Promise.all([holder, other, waiting, elsewhere].map((client) => client!.end()))
  }
})
