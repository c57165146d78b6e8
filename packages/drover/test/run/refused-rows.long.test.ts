import { describe, expect, test } from 'vitest'
import { sql } from '../../src/index.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames, type Plan } from '../../src/plan/plan.ts'
import { type RunOptions, run } from '../../src/run/run.ts'
import { verify } from '../../src/verify/verify.ts'
import { catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { withDatabase } from './fixture.ts'

/** Rows that no guard foresees: one that is no number, one that a check refuses, one that a trigger refuses. */
const items = `
create table old.items (id int primary key, n text, pin text);
insert into old.items select i, case i when 7 then 'seven secrets' else i::text end, 'pin ' || i from generate_series(1, 200) as i;
create table new.items (id int primary key, n int check (n <> 42));
create function new.refuse() returns trigger language plpgsql as $$
  begin if new.n = 77 then raise exception 'seventy-seven'; end if; return new; end $$;
create trigger refuse before insert on new.items for each row execute function new.refuse();`

function itemsMigration(where = (_: unknown) => sql<boolean>`true`) {
  const m = migrationOf()
  return m.migration([
    m.map('items', {
      from: (db) => db.selectFrom('old.items as i'),
      key: ({ i }) => i.id!,
      where: ({ i }) => where(i.n),
      secret: ['pin'],
      to: 'new.items',
      columns: ({ i }) => ({ id: i.id!, n: sql`${i.n}::int` }),
      dropped: ['pin'],
    }),
  ])
}

async function planOf(database: TestDatabase, migration = itemsMigration()): Promise<Plan> {
  return buildPlan(migration, await catalogOf(database))
}

const carryOut = (database: TestDatabase, plan: Plan, options: RunOptions = {}) =>
  withDatabase(database.url, (db) => run(db, plan, { allowed: hazardNames, rowsPerChunk: 50, ...options }))

const quarantine = (database: TestDatabase) =>
  database.query('select source_key, code, sqlstate, reasons, original from drover.quarantine order by source_key::int')

const tally = async (database: TestDatabase) =>
  (
    await database.query(
      `select sum(read)::int as read, sum(loaded)::int as loaded, sum(quarantined)::int as quarantined,
        sum(excluded)::int as excluded from drover.chunk`,
    )
  )[0]

describe('a row that the database refuses', () => {
  test('is set aside with what the server names, its original, and no message; the others are loaded', async () => {
    const database = await databaseWith(items)
    expect(await carryOut(database, await planOf(database))).toMatchObject({ state: 'loaded' })
    expect(await quarantine(database)).toEqual([
      {
        source_key: '7',
        code: 'error-22P02',
        sqlstate: '22P02',
        reasons: [{ code: 'error-22P02', column: null }],
        original: { id: 7, n: 'seven secrets' },
      },
      {
        source_key: '42',
        code: 'error-23514',
        sqlstate: '23514',
        reasons: [{ code: 'error-23514', column: null, table: 'new.items', constraint: 'items_n_check' }],
        original: { id: 42, n: '42' },
      },
      {
        source_key: '77',
        code: 'error-P0001',
        sqlstate: 'P0001',
        reasons: [{ code: 'error-P0001', column: null }],
        original: { id: 77, n: '77' },
      },
    ])
    expect(await tally(database)).toEqual({ read: 200, loaded: 197, quarantined: 3, excluded: 0 })
    const [ledger] = await database.query(`
      select jsonb_build_array((select jsonb_agg(event) from drover.event), (select jsonb_agg(attempt) from drover.attempt))::text as text`)
    expect(ledger!.text).not.toMatch(/secrets|seventy|pin 7/)
    const verification = await withDatabase(database.url, (db) => verify(db, '1'))
    expect(verification.findings.filter(({ verdict }) => verdict === 'fail')).toEqual([])
  })

  // I2, I7
  test('is found in chunks of any size and with any number of workers: one target, one account', async () => {
    const results = []
    for (const [rowsPerChunk, workers] of [
      [1000, 1],
      [7, 3],
      [1, 2],
    ] as const) {
      const database = await databaseWith(items)
      await carryOut(database, await planOf(database), { workers, rowsPerChunk })
      results.push({ target: await digest(database, ['new']), ledger: await ledgerAccount(database) })
    }
    for (const result of results) expect(result).toEqual(results[0])
  })

  test('leaves chunks behind that lie side by side, each of them done', async () => {
    const database = await databaseWith(items)
    await carryOut(database, await planOf(database))
    const [torn] = await database.query(`
      select count(*) filter (where upper is distinct from next and number <> last)::int as gaps,
        count(*) filter (where state <> 'done')::int as open
      from (
        select *, lead(lower) over by_key as next, last_value(number) over (order by lower[1]::int nulls first rows between unbounded preceding and unbounded following) as last
        from drover.chunk window by_key as (order by lower[1]::int nulls first)
      ) as chunk`)
    expect(torn).toEqual({ gaps: 0, open: 0 })
    const outcomes = await database.query(
      'select outcome, count(*)::int as n from drover.attempt group by 1 order by 1',
    )
    expect(outcomes).toEqual([
      { outcome: 'set aside', n: 3 },
      { outcome: 'split', n: expect.any(Number) },
    ])
  })

  test('is excluded where the mapping excludes it, and set aside where that cannot be told', async () => {
    const excluding = await databaseWith(items)
    await carryOut(
      excluding,
      await planOf(
        excluding,
        itemsMigration((n) => sql<boolean>`${n} not like 'seven%'`),
      ),
    )
    expect((await quarantine(excluding)).map((row) => row.source_key)).toEqual(['42', '77'])
    expect(await tally(excluding)).toEqual({ read: 200, loaded: 197, quarantined: 2, excluded: 1 })

    const failing = await databaseWith(items)
    await carryOut(
      failing,
      await planOf(
        failing,
        itemsMigration((n) => sql<boolean>`${n}::int <> 8`),
      ),
    )
    expect((await quarantine(failing)).map((row) => row.source_key)).toEqual(['7', '42', '77'])
    expect(await tally(failing)).toEqual({ read: 200, loaded: 196, quarantined: 3, excluded: 1 })
  })
})

describe('what is set aside is limited', () => {
  test.each([
    ['a number of rows', { rows: 2 }, { rows: 3 }, '2'],
    ['a part of the source', { percent: 1 }, { percent: 1.5 }, '1%'],
  ] as const)('by %s: the run stops, and goes on where more is allowed', async (_, few, enough, told) => {
    const database = await databaseWith(items)
    const plan = await planOf(database)
    const error = await carryOut(database, plan, { maxQuarantined: few }).catch((thrown) => thrown)
    expect(error).toMatchObject({
      code: 'quarantine-limit',
      where: expect.stringMatching(/^mapping items, chunk \d+, keys from \d+ up to \d+$/),
      why: expect.stringMatching(`2 rows are set aside already, allowed are ${told}$`),
    })
    expect(JSON.stringify(error)).not.toMatch(/secrets|seventy/)
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'failed' }])
    expect(await quarantine(database)).toHaveLength(2)
    expect(await carryOut(database, plan, { maxQuarantined: enough })).toMatchObject({ state: 'loaded' })
    expect(await quarantine(database)).toHaveLength(3)
  })

  test('by sense: where the database takes no row at all, it is not the rows', async () => {
    const database = await databaseWith(`${items} alter table new.items add check (n < 0)`)
    const error = await carryOut(database, await planOf(database), { workers: 1 }).catch((thrown) => thrown)
    expect(error).toMatchObject({
      code: 'chunk-failed',
      what: 'The database refuses every row of mapping items.',
      why: expect.stringContaining('23514'),
    })
    expect(await quarantine(database)).toHaveLength(9)
  })
})

describe('a row is found in ranges of every kind', () => {
  const source = `
    create table old.pairs (a text, b int, n text, primary key (a, b));
    insert into old.pairs select case when i < 50 then 'x"{' else 'y' end, i, case when i % 40 = 7 then 'no' else i::text end
    from generate_series(1, 120) as i;
    create view old.seen as select a || b as id, n from old.pairs;
    create table old.parted (id int, n text) partition by range (id);
    create table old.parted_1 partition of old.parted for values from (0) to (60);
    create table old.parted_2 partition of old.parted for values from (60) to (999);
    insert into old.parted select b, n from old.pairs;
    create table new.rows (id text primary key, n int);`
  const m = migrationOf()
  const to = 'new.rows' as const
  const n = (row: { n?: unknown }) => sql`${row.n}::int`

  test.each([
    [
      'a key of several columns',
      m.map('rows', {
        from: (db) => db.selectFrom('old.pairs as p'),
        key: ({ p }) => [p.a!, p.b!],
        to,
        columns: ({ p }) => ({ id: sql`${p.a} || ${p.b}`, n: n(p) }),
      }),
    ],
    [
      'physical rows',
      m.map('rows', {
        from: (db) => db.selectFrom('old.pairs as p'),
        key: ({ p }) => sql`${p.a} || ${p.b}`,
        to,
        columns: ({ p }) => ({ id: sql`${p.a} || ${p.b}`, n: n(p) }),
      }),
    ],
    [
      'a stored query',
      m.map('rows', {
        from: (db) => db.selectFrom(db.selectFrom('old.pairs').select(['a', 'b', 'n']).as('q')),
        key: ({ q }) => [q.a!, q.b!],
        to,
        columns: ({ q }) => ({ id: sql`${q.a} || ${q.b}`, n: n(q) }),
      }),
    ],
    [
      'a view',
      m.map('rows', {
        from: (db) => db.selectFrom('old.seen as v'),
        key: ({ v }) => sql`lower(${v.id} collate "C")`,
        to,
        columns: ({ v }) => ({ id: v.id!, n: n(v) }),
      }),
    ],
    [
      'a partitioned table',
      m.map('rows', {
        from: (db) => db.selectFrom('old.parted as p'),
        key: ({ p }) => p.id!,
        to,
        columns: ({ p }) => ({ id: sql`${p.id}::text`, n: n(p) }),
      }),
    ],
  ] as const)('%s', async (_, mapping) => {
    const database = await databaseWith(source)
    const plan = buildPlan(m.migration([mapping]), await catalogOf(database))
    await carryOut(database, plan, { rowsPerChunk: 33 })
    const keys = await database.query(`select original ->> 'n' as n, sqlstate from drover.quarantine`)
    expect(keys).toEqual([1, 2, 3].map(() => ({ n: 'no', sqlstate: '22P02' })))
    expect(await tally(database)).toEqual({ read: 120, loaded: 117, quarantined: 3, excluded: 0 })
  })

  test('but not where nothing tells it from others: the run stops', async () => {
    const database = await databaseWith(`${source}
      create view old.numbered as select b as id, n from old.pairs;
      create table old.kinds (id int primary key, kind text);`)
    const joined = m.map('rows', {
      from: (db) => db.selectFrom('old.numbered as v').leftJoin('old.kinds as k', 'k.id', 'v.id'),
      key: ({ v, k }) => sql`${v.id} || coalesce(${k.kind}, '')`,
      to,
      columns: ({ v }) => ({ id: sql`${v.id}::text`, n: n(v) }),
    })
    const plan = buildPlan(m.migration([joined]), await catalogOf(database))
    await expect(carryOut(database, plan)).rejects.toMatchObject({
      code: 'chunk-failed',
      what: 'The row that the database refuses cannot be told from others.',
    })
    expect(await database.query('select * from drover.quarantine')).toEqual([])
  })
})
