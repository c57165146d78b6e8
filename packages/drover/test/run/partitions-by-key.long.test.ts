import { describe, expect, test } from 'vitest'
import { defineMigration, derivedUuid, type int4, sql, type text, type uuid } from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { inPartitions } from '../../src/plan/partitions.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { help } from '../../src/run/run.ts'
import { verify } from '../../src/verify/verify.ts'
import { connectTo } from '../support/connect.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { withDatabase } from './fixture.ts'
import { carryOut, databaseOf, partitioned, pauseAtOnce, planOf, rows } from './partitions-fixture.ts'

interface Old {
  'old.places': { region: text; name: text; number: int4; label: text }
}

interface New {
  'new.places': { id: uuid; label: text }
}

const m = defineMigration<Old, New>({ name: 'places', cutover: '2025-06-01T00:00:00Z' })
const places = m.map('places', {
  from: (db) => db.selectFrom('old.places as p'),
  key: ({ p }) => [p.name, p.number],
  to: 'new.places',
  dropped: ['region'],
  columns: ({ p }) => ({ id: derivedUuid(sql<text>`${p.name} || ' ' || ${p.number}`), label: p.label }),
})
const migration = m.migration([places])

/** In one collation `a < B < c < D`, in the other `B < D < a < c`; one partition is empty, and one row is refused. */
const placesOf = (collation: string, partitions: string) => `create schema old; create schema new;
  create table old.places (region text not null, name text collate "${collation}" not null, number int not null, label text not null, primary key (region, name, number)) ${partitions};
  insert into old.places
    select (array['north', 'south', 'east'])[1 + i % 3], (array['a', 'B', 'c', 'D', 'é', '', 'it''s, {"'])[1 + i % 7], i, 'place ' || i from generate_series(1, 700) as i;
  create table new.places (id uuid primary key, label text not null check (label <> 'place 444'));`
const byRegion = `partition by list (region);
  create table old.places_empty partition of old.places for values in ('west');
  create table old.places_south partition of old.places for values in ('south');
  create table old.places_north partition of old.places for values in ('north') partition by range (number);
  create table old.places_north_low partition of old.places_north for values from (minvalue) to (200);
  create table old.places_north_high partition of old.places_north for values from (200) to (maxvalue);
  create table old.places_rest partition of old.places default`

const planOfPlaces = (database: TestDatabase) =>
  withDatabase(database.url, async (db) =>
    buildPlan(migration, await db.transaction((tx) => readWholeCatalog(tx, ['old', 'new']))),
  )

test.each(['C', 'und-x-icu'])(
  'a key of several columns, text in collation %s: the same as of one table',
  async (collation) => {
    const whole = await databaseOf(placesOf(collation, ''))
    await carryOut(whole, await planOfPlaces(whole), { rowsPerChunk: 1000 })
    const expected = [await ledgerAccount(whole), await digest(whole, ['new'])]
    for (const [workers, rowsPerChunk] of [
      [1, 10],
      [4, 10],
      // One chunk of all partitions, halved in search of the row.
      [1, 1000],
    ] as const) {
      const parts = await databaseOf(placesOf(collation, byRegion))
      const plan = await planOfPlaces(parts)
      expect(plan.mappings[0]).toMatchObject({ ranges: 'key', partitions: { length: 5 } })
      await carryOut(parts, plan, { workers, rowsPerChunk })
      expect([await ledgerAccount(parts), await digest(parts, ['new'])]).toEqual(expected)
      expect(await parts.query('select source_key, code from drover.quarantine')).toEqual([
        { source_key: '["D", "444"]', code: 'error-23514' },
      ])
    }
  },
)

test('one chunk reads ranges of the key in its own partitions, and locks no others', async () => {
  const database = await databaseOf(partitioned, rows, 'analyze')
  const plan = await planOf(database, 'verify')
  await pauseAtOnce(database, plan)
  const [mapping] = plan.mappings
  const number = 1 + mapping!.partitions.findIndex(({ name }) => name === 'events_1_even')
  // From within one partition, through the next, to within a third.
  const bounds = [
    [`${number}`, '5900'],
    [`${number + 2}`, '100'],
  ] as const
  const statement = inPartitions(mapping!, mapping!.statements.splitChunk, bounds)
  const values = [...bounds.map((bound) => `array['${bound.join("', '")}']`), 'null']
  const filled = values.reduce((text, value, i) => text.replaceAll(`$${i + 1}`, value), statement)
  await database.query('begin')
  const explained = await database.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${filled}`)
  const locks = await database.query(
    `select relation::regclass::text as relation from pg_locks
    where pid = pg_backend_pid() and relation::regclass::text ~ '^old.event.*[^y]$' order by 1`,
  )
  await database.query('rollback')
  const lines = explained.map((row) => row['QUERY PLAN'].trim())
  const tables = mapping!.partitions.slice(number - 1, number + 2).map(({ name }) => name)
  const conditions = lines.filter((line) => line.startsWith('Index Cond') || line.startsWith('Filter'))
  expect(conditions).toEqual([
    'Index Cond: (id >= 5900)',
    // So few rows are no work for an index.
    'Filter: (id < 100)',
  ])
  expect(lines.filter((line) => / on events\w* t/.test(line))).toEqual(
    tables.map((name) => expect.stringContaining(` on ${name} t`)),
  )
  expect(locks.map(({ relation }) => relation)).toEqual(tables.map((name) => `old.${name}`).toSorted())
  // Where the third begins the range ends.
  const upToThird = inPartitions(mapping!, mapping!.statements.splitChunk, [bounds[0], [bounds[1][0]]])
  expect(tables.filter((name) => upToThird.includes(`"${name}"`))).toEqual(tables.slice(0, 2))
})

/** A run that is paused when some of its chunks are done, from the first partition on. */
async function pausedHalfway(database: TestDatabase, plan: Plan): Promise<void> {
  await pauseAtOnce(database, plan)
  const abort = new AbortController()
  const running = carryOut(database, plan, { workers: 1, rowsPerChunk: 100, signal: abort.signal })
  await expect.poll(() => countChunks(database, 'done'), { timeout: 60_000, interval: 5 }).toBeGreaterThanOrEqual(3)
  abort.abort()
  await running
  expect(await database.query(`select state from drover.run`)).toEqual([{ state: 'paused' }])
}

async function countChunks(database: TestDatabase, state = 'open'): Promise<number> {
  const [row] = await database.query(`select count(*)::int as n from drover.chunk where state = '${state}'`)
  return row!.n as number
}

/** Keeps chunks from writing, but not their mapping from being prepared. */
async function holdTarget(database: TestDatabase): Promise<() => Promise<void>> {
  const holder = connectTo(database.url)
  await holder.query('begin')
  await holder.query('lock table new.events in share row exclusive mode')
  return async () => {
    await holder.query('commit')
    await holder.disconnect()
  }
}

describe('rows that come or move during the run', () => {
  test('what comes in ahead of the first key, after the last, or into an empty partition is read', async () => {
    const database = await databaseOf(partitioned, rows)
    const plan = await planOf(database, 'verify')
    await pauseAtOnce(database, plan)
    const release = await holdTarget(database)
    const running = carryOut(database, plan, { workers: 1, rowsPerChunk: 250 })
    await expect.poll(() => countChunks(database), { timeout: 60_000, interval: 5 }).toBeGreaterThan(20)
    await database.query(`insert into old.events
      select case when number % 2 = 0 then -number else 100000 + number end, place, '1', 'wind', null
      from unnest(array[1, 1, 2, 2, 3, 3, 150, 150, 198, 198, 199, 199, 5000, 5000]) with ordinality as places (place, number)`)
    await release()
    await running
    const [found] = await database.query(`select count(*)::int as n from drover.crosswalk_events`)
    expect(found).toEqual({ n: 6014 })
    const { findings } = await withDatabase(database.url, (db) => verify(db, '1'))
    expect(findings.find(({ check }) => check === 'frozen source')).toMatchObject({ verdict: 'fail' })
  })

  /** Rows of the last partition go into the first, which has been read. */
  const move = (rows: number) => `with unread as (
      select id from old.events_rest where id::text not in (select source_key from drover.crosswalk_events) limit ${rows}
    )
    update old.events set place = 1 where id in (select id from unread)`

  test('one that moves ahead of what is left to be read is missed, and the mapping is not closed', async () => {
    const database = await databaseOf(partitioned, rows)
    const plan = await planOf(database, 'verify')
    await pausedHalfway(database, plan)
    await database.query(move(1))
    await expect(carryOut(database, plan)).rejects.toMatchObject({ code: 'conservation-broken' })
  })

  test('where as many that were read are gone, verification tells', async () => {
    const database = await databaseOf(partitioned, rows)
    const plan = await planOf(database, 'verify')
    await pausedHalfway(database, plan)
    await database.query(move(1))
    await database.query(
      `delete from old.events where id = (select source_key::int from drover.crosswalk_events limit 1)`,
    )
    await carryOut(database, plan)
    const { findings } = await withDatabase(database.url, (db) => verify(db, '1'))
    expect(findings.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check)).toContain('frozen source')
  })

  test('one that moves behind it is read again, and the key of the crosswalk refuses it', async () => {
    const database = await databaseOf(partitioned, rows)
    const plan = await planOf(database, 'verify')
    await pausedHalfway(database, plan)
    await database.query(`update old.events set place = 5000
      where id = (select source_key::int from drover.crosswalk_events limit 1)`)
    await expect(carryOut(database, plan)).rejects.toMatchObject({
      code: 'conservation-broken',
      what: 'Source keys of mapping events occur more than once.',
    })
  })
})

describe('partitions that come or go during the run', () => {
  test.each([
    ['create table old.events_500 partition of old.events for values in (500)', 'old.events_500 was attached'],
    ['alter table old.events detach partition old.events_199', 'old.events_199 was detached'],
    ['drop table old.events_199', 'old.events_199 was detached'],
    ['alter table old.events_199 rename to events_000', 'old.events_000 was attached, old.events_199 was detached'],
  ])('%s', async (statement, why) => {
    const database = await databaseOf(partitioned, rows)
    const plan = await planOf(database, 'verify')
    await pauseAtOnce(database, plan)
    await database.query(statement)
    // A worker that joins the run does not look at the whole schema, as one does who resumes it.
    await database.query(`update drover.run set state = 'running'`)
    await expect(withDatabase(database.url, (db) => help(db, '1'))).rejects.toMatchObject({
      code: 'source-rewritten',
      why,
    })
  })

  test('one that goes ahead of its chunk', async () => {
    const database = await databaseOf(partitioned, rows)
    const plan = await planOf(database, 'verify')
    await pausedHalfway(database, plan)
    const [next] = await database.query<{ number: number }>(
      `select lower[1]::int as number from drover.chunk where state = 'open' order by chunk.number limit 1`,
    )
    const { name } = plan.mappings[0]!.partitions[next!.number - 1]!
    await database.query(`drop table old.${name}`)
    await database.query(`update drover.run set state = 'running'`)
    await expect(withDatabase(database.url, (db) => help(db, '1', { workers: 1 }))).rejects.toMatchObject({
      code: 'source-rewritten',
      why: `old.${name} was detached`,
    })
  })

  test('one that is rewritten keeps its keys', async () => {
    const database = await databaseOf(partitioned, rows)
    const plan = await planOf(database, 'verify')
    await pauseAtOnce(database, plan)
    await database.query('vacuum full old.events_1_odd')
    expect(await carryOut(database, plan)).toMatchObject({ state: 'loaded' })
  })

  test('one that comes between plan and run makes the plan stale', async () => {
    const database = await databaseOf(partitioned, rows)
    const plan = await planOf(database, 'verify')
    await database.query('create table old.events_500 partition of old.events for values in (500)')
    await expect(carryOut(database, plan)).rejects.toMatchObject({
      code: 'plan-stale',
      findings: ['table old.events_500 is new'],
    })
  })
})

test('where nothing tells of writes, ranges of the key go over the whole table', async () => {
  const database = await databaseOf(partitioned)
  expect((await planOf(database, 'none')).mappings[0]).toMatchObject({ ranges: 'key', partitions: [] })
})

test('so they do in a table that the migration writes, and where the key is computed', async () => {
  const database = await databaseOf(
    placesOf('C', byRegion),
    `create schema kept; create table kept.places (region text, name text, number int, label text, primary key (region, name, number)) partition by list (region);
    create table kept.places_rest partition of kept.places default; create table kept.labels (id text primary key, label text);`,
  )
  type Kept = { 'kept.places': Old['old.places']; 'kept.labels': { id: text; label: text | null } }
  const writes = defineMigration<Old & Kept, Kept>({ name: 'kept', cutover: '2025-06-01T00:00:00Z' })
  const kept = writes.map('kept', {
    from: (db) => db.selectFrom('old.places as p'),
    key: ({ p }) => sql<text>`${p.name} || ${p.number}`,
    to: 'kept.places',
    columns: ({ p }) => ({ region: p.region, name: p.name, number: p.number, label: p.label }),
  })
  const labels = writes.map('labels', {
    from: (db) => db.selectFrom('kept.places as k'),
    key: ({ k }) => [k.region, k.name, k.number],
    to: 'kept.labels',
    columns: ({ k }) => ({ id: sql<text>`${k.region} || ${k.name} || ${k.number}`, label: k.label }),
  })
  const { mappings } = await withDatabase(database.url, async (db) =>
    buildPlan(writes.migration([kept, labels]), await db.transaction((tx) => readWholeCatalog(tx, ['old', 'kept']))),
  )
  expect(mappings.map(({ name, partitions }) => [name, partitions])).toEqual([
    ['kept', []],
    ['labels', []],
  ])
})

test('where no partition holds a row, one chunk reads what comes in', async () => {
  const database = await databaseOf(partitioned)
  const plan = await planOf(database, 'verify')
  await pauseAtOnce(database, plan)
  const release = await holdTarget(database)
  const running = carryOut(database, plan, { workers: 1 })
  await expect.poll(() => countChunks(database), { timeout: 60_000, interval: 5 }).toBe(1)
  await database.query(`insert into old.events values (1, 150, '1', 'wind', null), (2, 5000, '1', 'wind', null)`)
  await release()
  await running
  expect(await database.query('select lower, upper, read::int from drover.chunk')).toEqual([
    { lower: null, upper: null, read: 2 },
  ])
})
