import { statfs } from 'node:fs/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/db/pg.ts'
import { readSample } from '../../src/monitor/sample.ts'
import { readServer } from '../../src/monitor/server.ts'
import { run } from '../../src/run/run.ts'
import { allowed, fill, planFor, schema, withDatabase } from '../run/fixture.ts'
import { createDatabase, urlOf } from '../support/postgres.ts'

const read = (url: string) =>
  withDatabase(url, (db) => db.transaction(async (tx) => readSample(tx, '1', await readServer(tx))))

test('a sample tells of the log, the size, the chunks, and of nobody who is in the way', async () => {
  const database = await createDatabase()
  await database.query(schema)
  await database.query(fill(20, 300))
  await withDatabase(database.url, async (db) => run(db, await planFor(db), { allowed, rowsPerChunk: 20 }))
  const first = await read(database.url)
  expect(first).toMatchObject({ replicationLagSeconds: null, blockedSessions: 0, activeSessions: 0, rows: 320 })
  expect(first).toMatchObject({ waits: {}, lockWaits: [], tempFiles: 0, tempBytes: 0 })
  expect(first.chunkMs).toBeGreaterThan(0)
  expect(first.databaseBytes).toBeGreaterThan(1_000_000)
  await database.query('create table bulk as select i, md5(i::text) from generate_series(1, 20000) as i')
  await database.query(`set work_mem = '64kB'; select count(*) from (select from bulk order by md5 offset 0) as sorted;
    select pg_stat_force_next_flush(); checkpoint`)
  const second = await read(database.url)
  expect(second.tempFiles).toBeGreaterThan(0)
  expect(second.tempBytes).toBeGreaterThan(100_000)
  expect(second.checkpointsRequested).toBeGreaterThan(first.checkpointsRequested)
  expect(second.walBytes! - first.walBytes!).toBeGreaterThan(500_000)
  expect(second.databaseBytes).toBeGreaterThan(first.databaseBytes)
  expect(second.atMs).toBeGreaterThan(first.atMs)
})

test('free disk and settings of memory are known of a server on this machine, to a role that may know them', async () => {
  const database = await createDatabase()
  const asOwner = await withDatabase(database.url, (db) => db.transaction(readServer))
  const [has] = await database.query(`select pg_size_bytes(current_setting('shared_buffers'))::int as bytes`)
  expect(asOwner).toMatchObject({ memory: { sharedBuffersBytes: has!.bytes }, hidden: [] })
  const { bavail, bsize } = await statfs(asOwner.dataDirectory!)
  await database.query(`create schema drover; create table drover.chunk
    (run_id bigint, state text, kind text, read bigint, started_at timestamptz, finished_at timestamptz);
    grant usage on schema drover to public; grant select on drover.chunk to public`)
  const free = (await read(database.url)).freeDiskBytes!
  expect(Math.abs(free - bavail * bsize)).toBeLessThan(0.1 * free)

  const role = { name: `guest_${database.name}`, password: 'secret' }
  await database.query(`create role ${role.name} login password '${role.password}'`)
  const guest = await openDatabase(urlOf(database.name, role))
  try {
    const asGuest = await guest.transaction(readServer)
    expect(asGuest.hidden.map(({ figure }) => figure)).toEqual([
      'replicationLagSeconds',
      'activeSessions',
      'freeDiskBytes',
    ])
    expect(asGuest).toMatchObject({ memory: asOwner.memory, dataDirectory: null })
    const sample = await guest.transaction((tx) => readSample(tx, '1', asGuest))
    expect(sample).toMatchObject({ freeDiskBytes: null, replicationLagSeconds: null, rows: 0 })
    expect(sample.databaseBytes).toBeGreaterThan(1_000_000)
  } finally {
    await guest.close()
    await database.query(`drop role ${role.name}`)
  }
})

test('whoever waits for a lock of the run is counted after a second, and whoever waits for another is not', async () => {
  const database = await createDatabase()
  await database.query(`${schema} create schema drover; create table drover.chunk
    (run_id bigint, state text, kind text, read bigint, started_at timestamptz, finished_at timestamptz);
    create table ours (); create table theirs ();
    grant usage on schema drover to public; grant select on drover.chunk to public`)
  const role = { name: `guest_${database.name}`, password: 'secret' }
  await database.query(`create role ${role.name} login password '${role.password}'`)
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
    await expect.poll(async () => (await read(database.url)).blockedSessions, { timeout: 60_000 }).toBe(1)
    expect((await read(database.url)).activeSessions).toBe(2)
    // Whoever may not see what others do sees that they wait.
    const seen = await read(urlOf(database.name, role))
    expect(seen).toMatchObject({ blockedSessions: 1, activeSessions: null, autovacuums: null })
    // The other way round: the run's own session is seen waiting, and for whom.
    const { pid } = (await other!.query('select pg_backend_pid() as pid')).rows[0]
    holder!.query('select from theirs').catch(() => {})
    await expect
      .poll(async () => (await read(database.url)).lockWaits, { timeout: 60_000 })
      .toEqual([{ worker: 'worker 1', holders: [{ pid, applicationName: 'app' }] }])
    expect((await read(database.url)).waits).toEqual({ 'Lock: relation': 1 })
  } finally {
    await Promise.all([holder, other, waiting, elsewhere].map((client) => client!.end()))
    await database.query(`drop role ${role.name}`)
  }
})
