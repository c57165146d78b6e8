import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { rowFunctionsOf } from '../../src/define/migration.ts'
import { decimal, defineMigration, derivedUuid, required, sql, type text } from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { inPartitions } from '../../src/plan/partitions.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { rehearse } from '../../src/rehearsal/rehearse.ts'
import { help, run } from '../../src/run/run.ts'
import { verify } from '../../src/verify/verify.ts'
import { cellsOf } from '../support/cells.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { endSessions } from './end-sessions.ts'
import { fill, planFor, practice, schema, withDatabase } from './fixture.ts'
import {
  carryOut,
  databaseOf,
  migrationOf,
  type New,
  type Old,
  partitioned,
  pauseAtOnce,
  plain,
  planOf,
  rows,
  target,
} from './partitions-fixture.ts'

/** How the source is kept as it is; what takes long has a sample of them, the default first. */
const ways = ['verify', 'block'] as const

describe('200 partitions of very different sizes', () => {
  test.each(['block', 'verify'] as const)(
    '%s: what becomes of the rows is the same as of one table',
    async (freeze) => {
      const [whole, parts] = await Promise.all([databaseOf(plain, rows), databaseOf(partitioned, rows)])
      await carryOut(whole, await planOf(whole, freeze), { rowsPerChunk: 1000, workers: 1 })
      const over = new AbortController()
      const ending = endSessions(parts, [3, 4], over.signal)
      await carryOut(parts, await planOf(parts, freeze), { rowsPerChunk: 250, workers: 2 })
      over.abort()
      await ending
      expect(await ledgerAccount(parts)).toEqual(await ledgerAccount(whole))
      expect(await digest(parts, ['new'])).toEqual(await digest(whole, ['new']))
      const { findings } = await withDatabase(parts.url, (db) => verify(db, '1'))
      expect(findings.filter(({ verdict }) => verdict === 'warn' || verdict === 'fail')).toEqual([])
    },
  )

  test.each(['block', 'verify'] as const)(
    '%s: chunks are about equal: large partitions are cut, small ones share a chunk',
    async (freeze) => {
      const database = await databaseOf(partitioned, rows)
      await carryOut(database, await planOf(database, freeze), { rowsPerChunk: 250, workers: 2 })
      const [chunks] = await database.query<{ n: number; most: number; median: number }>(`
      select count(*)::int as n, max(read)::int as most, percentile_disc(0.5) within group (order by read)::int as median
      from drover.chunk`)
      expect(chunks!.n).toBeLessThan(45)
      expect(chunks!.most).toBeLessThan(400)
      expect(chunks!.most / chunks!.median).toBeLessThan(1.7)
    },
  )

  test('a chunk reads ranges of blocks of its own partitions, and locks no others', async () => {
    const database = await databaseOf(partitioned, rows)
    const plan = await planOf(database, 'block')
    await pauseAtOnce(database, plan)
    const [mapping] = plan.mappings
    const number = 1 + mapping!.partitions.findIndex(({ name }) => name === 'events_1_even')
    // From within one partition, through the next, to within a third.
    const bounds = [
      [`${number}`, '(2,0)'],
      [`${number + 2}`, '(1,0)'],
    ] as const
    const statement = inPartitions(mapping!, mapping!.statements.splitChunk, bounds)
    const values = [...bounds.map((bound) => `array['${bound.join("', '")}']`), 'null']
    const filled = values.reduce((text, value, i) => text.replaceAll(`$${i + 1}`, value), statement)
    await database.query('begin')
    const explained = await database.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${filled}`)
    const lines = explained.map((row) => row['QUERY PLAN'].trim())
    const locks = await database.query(
      `select relation::regclass::text as relation from pg_locks
      where pid = pg_backend_pid() and relation::regclass::text ~ '^old.events' order by 1`,
    )
    await database.query('rollback')
    const tables = mapping!.partitions.slice(number - 1, number + 2).map(({ name }) => name)
    expect(lines.filter((line) => line.includes('Scan on events'))).toEqual([
      expect.stringContaining(`Tid Range Scan on ${tables[0]}`),
      expect.stringContaining(`Seq Scan on ${tables[1]}`),
      expect.stringContaining(`Tid Range Scan on ${tables[2]}`),
    ])
    expect(locks.map(({ relation }) => relation)).toEqual(
      tables.flatMap((name) => [`old.${name}`, `old.${name}_pkey`]).toSorted(),
    )
  })

  test.each(cellsOf(ways, 2))('%s: a rehearsal goes the whole way', async (freeze) => {
    const [database, scratch] = await Promise.all([databaseOf(partitioned, rows), createDatabase()])
    const plan = await planOf(database, freeze)
    const result = await withDatabase(database.url, (db) =>
      withDatabase(scratch.url, (other) => rehearse(db, other, migrationOf(freeze), plan, { fraction: 1 })),
    )
    expect(result).toMatchObject({ verdict: 'pass' })
  })
})

test.each(cellsOf(ways, 2))(
  '%s: processes that are killed over them lose nothing and double nothing',
  async (freeze) => {
    const inPartitions = schema.replace('note text\n);', 'note text\n) partition by hash (id);')
    const partitions = Array.from(
      { length: 12 },
      (_, i) => `create table old.visits_${i} partition of old.visits for values with (modulus 12, remainder ${i});`,
    )
    const [whole, parts] = await Promise.all([
      databaseOf(schema, fill(60, 6000)),
      databaseOf(inPartitions, partitions.join('\n'), fill(60, 6000)),
    ])
    for (const done of [6, 40]) {
      const child = spawn(
        process.execPath,
        [fileURLToPath(new URL('./run-in-child.ts', import.meta.url)), 'run', `--${freeze}`],
        {
          env: { ...process.env, DATABASE_URL: parts.url },
          stdio: ['ignore', 'inherit', 'inherit'],
        },
      )
      const ended = once(child, 'exit')
      await expect.poll(() => countDone(parts), { timeout: 60_000, interval: 5 }).toBeGreaterThanOrEqual(done)
      child.kill('SIGKILL')
      await ended
      expect(child.signalCode).toBe('SIGKILL')
    }
    for (const database of [whole, parts]) {
      await withDatabase(database.url, async (db) =>
        run(db, await planFor(db, { ...practice, freeze }), { allowed: hazardNames, workers: 2 }),
      )
    }
    expect(await ledgerAccount(parts)).toEqual(await ledgerAccount(whole))
    expect(await digest(parts, ['new'])).toEqual(await digest(whole, ['new']))
  },
)

/** Chunks that are done. */
async function countDone(database: TestDatabase): Promise<number> {
  const [row] = await database.query(`select count(*)::int as n from drover.chunk where state = 'done'`).catch(() => [])
  return (row?.n as number | undefined) ?? 0
}

describe('partitions that come, go or move during the run', () => {
  test.each([
    ['attached', 'create table old.events_500 partition of old.events for values in (500)', 'old.events_500'],
    ['detached', 'alter table old.events detach partition old.events_199', 'old.events_199'],
    ['rewritten', 'vacuum full old.events_1_odd', 'old.events_1_odd'],
  ])('%s', async (change, statement, table) => {
    const database = await databaseOf(partitioned, rows)
    const plan = await planOf(database, 'block')
    await pauseAtOnce(database, plan)
    await database.query(statement)
    // A worker that joins the run does not look at the whole schema, as one does who resumes it.
    await database.query(`update drover.run set state = 'running'`)
    await expect(withDatabase(database.url, (db) => help(db, '1'))).rejects.toMatchObject({
      code: 'source-rewritten',
      why: `${table} was ${change}`,
    })
  })

  test('one that comes between plan and run makes the plan stale', async () => {
    const database = await databaseOf(partitioned, rows)
    const plan = await planOf(database, 'block')
    await database.query('create table old.events_500 partition of old.events for values in (500)')
    await expect(carryOut(database, plan)).rejects.toMatchObject({
      code: 'plan-stale',
      findings: ['table old.events_500 is new'],
    })
  })
})

test.each(cellsOf(ways, 2))(
  '%s: rows that are excluded, refused by the server or by the function keep their originals, whichever partition held them',
  async (freeze) => {
    const key = 'id int not null, place int not null, reading text, kind text not null, note text'
    const split = `create table old.events (${key}) partition by list (place);
    create table old.events_1 partition of old.events for values in (1);
    create table old.events_2 (note text, kind text not null, reading text, place int not null, id int not null);
    alter table old.events attach partition old.events_2 for values in (2);
    create table old.events_rest partition of old.events default;`
    const filled = `insert into old.events
    select i, i % 4, case when i % 10 = 3 then 'none' else i::text end, 'wind', 'secret ' || i from generate_series(1, 60) as i`
    const checked = `create schema old; create schema new;
    create table new.events (id uuid primary key, reading numeric not null check (reading <> 44), kind text not null, note text);`
    const m = defineMigration<Old, New>({ name: 'parts', cutover: '2025-06-01T00:00:00Z', source: { freeze } })
    const events = m.map('events', {
      from: (db) => db.selectFrom('old.events as e'),
      key: ({ e }) => e.id,
      where: ({ e }) => sql<boolean>`${e.id} % 7 <> 0`,
      to: 'new.events',
      dropped: ['place', 'kind', 'note'],
      secret: ['note'],
      compute: {
        reads: ({ e }) => ({ reading: e.reading }),
        writes: { shout: 'text' },
        refusals: ['too-loud'],
        batch: (given) =>
          given.map(({ reading }) => (reading === '20' ? { refused: 'too-loud' } : { shout: `${reading}!` })),
      },
      columns: ({ e }, made) => ({
        id: derivedUuid(sql<text>`${e.id}::text`),
        reading: required(decimal(e.reading, { scale: 2 }).orQuarantine()).orQuarantine('no-reading'),
        kind: required(made.shout).orQuarantine('silent'),
        note: sql<text>`null::text`,
      }),
    })
    const migration = m.migration([events])
    const outcomes = []
    const plainTable = `create table old.events (${key});`
    for (const { tables, rowsPerChunk } of [
      { tables: split, rowsPerChunk: 7 },
      // Chunks of several partitions.
      { tables: split, rowsPerChunk: 1000 },
      { tables: plainTable, rowsPerChunk: 7 },
    ]) {
      const database = await databaseOf(checked, tables, filled)
      const plan = await withDatabase(database.url, async (db) =>
        buildPlan(migration, await db.transaction((tx) => readWholeCatalog(tx, ['old', 'new']))),
      )
      await carryOut(database, plan, { rowsPerChunk, workers: 2, functions: rowFunctionsOf(migration) })
      outcomes.push([await ledgerAccount(database), await digest(database, ['new'])])
      expect(await database.query('select distinct sqlstate from drover.attempt')).toEqual([{ sqlstate: '23514' }])
      const originals = await database.query(
        `select original, code from drover.quarantine where source_key in ('3', '20', '44') order by source_key collate "C"`,
      )
      expect(originals).toEqual([
        { original: { id: 20, place: 0, reading: '20', kind: 'wind' }, code: 'too-loud' },
        { original: { id: 3, place: 3, reading: 'none', kind: 'wind' }, code: 'not-a-number' },
        { original: { id: 44, place: 0, reading: '44', kind: 'wind' }, code: 'error-23514' },
      ])
    }
    expect(outcomes[0]).toEqual(outcomes[2])
    expect(outcomes[1]).toEqual(outcomes[2])
  },
)

test('a partition on another server is read by the key with all others, and cannot be blocked', async () => {
  const database = await databaseOf(
    `create extension file_fdw; create server files foreign data wrapper file_fdw; create schema old;
    create table old.events (id int not null, place int not null, reading text, kind text not null, note text) partition by list (place);
    create table old.events_1 partition of old.events for values in (1);
    create foreign table old.events_2 partition of old.events for values in (2) server files options (program 'printf "7\\t2\\t7.5\\twind\\t\\n"');
    insert into old.events select i, 1, i || '.5', 'rain', null from generate_series(1, 5) as i; ${target}`,
  )
  const plan = await planOf(database, 'block')
  expect(plan.mappings[0]).toMatchObject({ ranges: 'key', partitions: [] })
  expect(plan.hazards).toContainEqual(
    expect.objectContaining({
      name: 'source-not-frozen',
      why: expect.stringContaining('Writes to old.events_2 cannot be blocked'),
    }),
  )
  await carryOut(database, plan, { rowsPerChunk: 2 })
  expect(await database.query('select count(*)::int as n from new.events')).toEqual([{ n: 6 }])
})
