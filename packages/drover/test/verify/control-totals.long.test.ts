import { beforeAll, describe, expect, test } from 'vitest'
import { decimal, fold, ref, required, sql } from '../../src/index.ts'
import { installLedger } from '../../src/ledger/install.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { fixRows } from '../../src/repair/fix.ts'
import { retryRows } from '../../src/repair/retry.ts'
import { unmergeRow } from '../../src/repair/unmerge.ts'
import { run } from '../../src/run/run.ts'
import type { CheckContext } from '../../src/verify/check.ts'
import { controlTotals } from '../../src/verify/control-totals.ts'
import { readSubjects } from '../../src/verify/subjects.ts'
import type { Finding } from '../../src/verify/verification.ts'
import { carryOut, catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { withDatabase } from './fixture.ts'

const schema = `
  create table old.rooms (id text primary key, name text);
  create table old.bills (id int primary key, room text, amount text, at date, kind text);
  insert into old.rooms values ('a', 'Blue'), ('b', 'blue '), ('c', 'Red'), ('d', null);
  insert into old.bills select i, chr(97 + i % 4), i || '.50', date '2024-01-01' + i * 9, case when i % 7 = 0 then 'test' end
  from generate_series(1, 20) as i;
  update old.bills set amount = 'free' where id = 5;
  create table new.rooms (id text primary key, name text not null);
  create table new.bills (id int primary key, room text references new.rooms, amount numeric(12, 2), at date);`

const m = migrationOf('billing')
const rooms = m.map('rooms', {
  from: (db) => db.selectFrom('old.rooms as r'),
  key: ({ r }) => r.id!,
  identity: ({ r }) => [fold(r.name!)],
  to: 'new.rooms',
  columns: ({ r }) => ({ id: r.id!, name: required(r.name!).orQuarantine('no-name') }),
  totals: (_, to) => ({ rooms: { source: sql`1`, target: sql`length(${to.id!})` } }),
})
const bills = m.map('bills', {
  from: (db) => db.selectFrom('old.bills as b'),
  key: ({ b }) => b.id!,
  where: ({ b }) => sql`${b.kind!} is null`,
  to: 'new.bills',
  columns: ({ b }) => ({
    id: b.id!,
    room: ref(b.room!, rooms).orQuarantine(),
    amount: decimal(b.amount!).orNull(),
    at: b.at!,
  }),
  totals: ({ b }, to) => ({
    amount: {
      source: decimal(b.amount!).orNull(),
      target: to.amount!,
      by: [to.room!, sql`date_trunc('month', ${to.at!})::date`],
    },
    bills: { source: sql`1`, target: sql`1` },
  }),
})
const billing = m.migration([rooms, bills])

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await databaseWith(schema)
  await carryOut(loaded, billing)
  await loaded.disconnect()
})

const findingsOf = (database: TestDatabase, afterCutover = false) =>
  withDatabase(database.url, (db) =>
    db.transaction(
      async (tx) => {
        const { mappings } = await readSubjects(tx, '1')
        const context = { afterCutover } as CheckContext
        return (await Promise.all(mappings.map((subject) => controlTotals.run(tx, subject, context)))).flat()
      },
      { readOnly: true },
    ),
  )

const complaintsAfter = async (change: string, afterCutover = false) => {
  const database = await createDatabase(loaded.name)
  await database.query(change)
  return complaintsOf(await findingsOf(database, afterCutover))
}

const complaintsOf = (findings: readonly Finding[]) =>
  findings
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ mapping, rule, verdict, detail }) => `${verdict} ${mapping} ${rule}: ${detail}`)

const closed = 'since the mapping was closed'

test('sums agree before, when loaded and afterwards', async () => {
  const findings = await findingsOf(await createDatabase(loaded.name))
  const of = (mapping: string, rule: string, expected: string, actual: string) =>
    expect.objectContaining({ check: 'control totals', mapping, rule, verdict: 'pass', expected, actual })
  expect(findings).toEqual([
    of('rooms', 'rooms', 'source 4, loaded 2', 'source 4, in the target 2'),
    of('bills', 'amount', 'source 214.5, loaded 142.5', 'source 214.5, in the target 142.5'),
    of('bills', 'bills', 'source 20, loaded 14', 'source 20, in the target 14'),
  ])
})

describe('what is lost or moved is told, of the right total and group', () => {
  test.each([
    [
      'a row is deleted',
      'delete from new.bills where id = 2',
      [
        `fail bills amount: 2 groups changed ${closed} (room c, at 2024-01-01: 1 row of 2.5 then, 0 rows now; loaded, no row in the target: 0 rows then, 1 row now).`,
        `fail bills bills: 2 groups changed ${closed} (14 rows of 14 then, 13 rows of 13 now; loaded, no row in the target: 0 rows then, 1 row now).`,
      ],
    ],
    [
      'a value is changed',
      'update new.bills set amount = amount + 1 where id = 2',
      [`fail bills amount: 1 group changed ${closed} (room c, at 2024-01-01: 1 row of 2.5 then, 1 row of 3.5 now).`],
    ],
    [
      'a row is moved to another group',
      `update new.bills set room = 'c' where id = 4`,
      [
        `fail bills amount: 2 groups changed ${closed} (room a, at 2024-02-01: 2 rows of 4.5 then, 1 row now; room c, at 2024-02-01: 1 row of 6.5 then, 2 rows of 11 now).`,
      ],
    ],
    [
      'two values are swapped across groups, and the whole stays',
      'update new.bills set amount = case id when 2 then 4.5 else 2.5 end where id in (2, 4)',
      [
        `fail bills amount: 2 groups changed ${closed} (room a, at 2024-02-01: 2 rows of 4.5 then, 2 rows of 2.5 now; room c, at 2024-01-01: 1 row of 2.5 then, 1 row of 4.5 now).`,
      ],
    ],
    [
      'a value of the source is changed',
      `update old.bills set amount = '1000' where id = 5`,
      ['fail bills amount: The source added up to 214.5 before the first chunk, and to 1214.5 now.'],
    ],
    [
      'a row of the source is gone',
      'delete from old.bills where id = 2',
      [
        'fail bills amount: The source added up to 214.5 before the first chunk, and to 212 now.',
        'fail bills bills: The source added up to 20 before the first chunk, and to 19 now.',
      ],
    ],
    [
      'a row of the crosswalk is gone',
      `delete from drover.crosswalk_bills where source_key = '2'`,
      [
        `fail bills amount: 2 groups changed ${closed} (room c, at 2024-01-01: 1 row of 2.5 then, 0 rows now; without disposition, no row in the target: 0 rows then, 1 row now).`,
        `fail bills bills: 2 groups changed ${closed} (14 rows of 14 then, 13 rows of 13 now; without disposition, no row in the target: 0 rows then, 1 row now).`,
      ],
    ],
  ])('%s', async (_, change, complaints) => {
    expect(await complaintsAfter(change)).toEqual(complaints)
  })

  test('as rows, by their groups', async () => {
    const database = await createDatabase(loaded.name)
    await database.query(`update new.bills set room = 'c' where id = 4`)
    const [, amount] = await findingsOf(database)
    expect(amount?.sample).toEqual([
      { key: { room: 'a', at: '2024-02-01' }, fault: 'changed' },
      { key: { room: 'c', at: '2024-02-01' }, fault: 'changed' },
    ])
  })

  test('of many groups the first five are named', async () => {
    const [amount] = await complaintsAfter('update new.bills set amount = 0')
    expect(amount).toMatch(/^fail bills amount: 10 groups changed .* and 5 more\)\.$/)
  })

  test('after the cutover what changed in the target warns, and the source must still add up', async () => {
    expect(await complaintsAfter('update new.bills set amount = amount + 1 where id = 2', true)).toEqual([
      expect.stringMatching(/^warn bills amount: 1 group changed/),
    ])
    expect(await complaintsAfter('delete from old.bills where id = 2', true)).toHaveLength(2)
  })
})

describe('what is loaded with another sum than the source held', () => {
  const rounded = (tolerance?: string) => {
    const own = migrationOf('rounded')
    return own.migration([
      own.map('bills', {
        from: (db) => db.selectFrom('old.bills as b'),
        key: ({ b }) => b.id!,
        to: 'new.bills',
        columns: ({ b }) => ({ id: b.id!, amount: sql`round(${decimal(b.amount!).orNull()})`, at: b.at! }),
        dropped: ['room', 'kind'],
        totals: ({ b }, to) => ({
          amount: {
            source: decimal(b.amount!).orNull(),
            target: to.amount!,
            by: [to.id!],
            ...(tolerance === undefined ? {} : { tolerance }),
          },
        }),
      }),
    ])
  }
  const carriedOut = async (tolerance?: string) => {
    const database = await databaseWith(schema)
    await carryOut(database, rounded(tolerance))
    return complaintsOf(await findingsOf(database))
  }

  test('is told by its group', async () => {
    expect(await carriedOut()).toEqual([
      expect.stringMatching(
        /^fail bills amount: 19 groups got another sum than the source held \(id 1: source 1.5, target 2; .* and 14 more\)\.$/,
      ),
    ])
    expect(await carriedOut('0.49')).toHaveLength(1)
  })

  test('passes within the tolerance', async () => {
    expect(await carriedOut('0.5')).toEqual([])
  })
})

/** All that the ledger holds of control totals. */
const ledgerOf = (database: TestDatabase) =>
  database.query(`select mapping, name, stage, disposition, group_key, rows::text, source_sum::text, target_sum::text
    from drover.control_total order by mapping, name, stage, disposition, group_key`)

describe('rows that are mended', () => {
  const noFunctions = new Map()
  const fixedRows = [
    { mapping: 'rooms', key: 'd', values: { name: 'Green' } },
    { mapping: 'bills', key: '3', values: { amount: '1000' } },
  ] as const
  const fixes = `insert into drover.overlay (migration, relation, row_key, patch) values
    ('billing', 'old.rooms', 'd', '{"name": "Green"}'), ('billing', 'old.bills', '3', '{"amount": "1000"}')`

  test('count with their fixes, as if these had been there from the start', async () => {
    const mended = await createDatabase(loaded.name)
    await withDatabase(mended.url, async (db) => {
      await fixRows(db, '1', fixedRows)
      await retryRows(db, '1', {}, noFunctions)
    })
    expect(complaintsOf(await findingsOf(mended))).toEqual([])
    expect((await findingsOf(mended))[1]?.actual).toBe('source 1211, in the target 1189')
    const fromTheStart = await databaseWith(schema)
    await withDatabase(fromTheStart.url, (db) => db.transaction((tx) => installLedger(tx, 'test')))
    await fromTheStart.query(fixes)
    await carryOut(fromTheStart, billing)
    expect(await ledgerOf(mended)).toEqual(await ledgerOf(fromTheStart))
  })

  test('follow a merge that is undone', async () => {
    const database = await createDatabase(loaded.name)
    await withDatabase(database.url, (db) => unmergeRow(db, '1', { mapping: 'rooms', key: 'b' }, noFunctions))
    expect(complaintsOf(await findingsOf(database))).toEqual([])
    const groups = await database.query(
      `select distinct group_key[1] as room from drover.control_total where group_key[1] is not null order by 1`,
    )
    expect(groups).toEqual([{ room: 'a' }, { room: 'b' }, { room: 'c' }])
  })

  test('that failed to be retried leave the sums as they were', async () => {
    const database = await createDatabase(loaded.name)
    const before = await ledgerOf(database)
    await withDatabase(database.url, (db) => retryRows(db, '1', {}, noFunctions))
    expect(await ledgerOf(database)).toEqual(before)
  })
})

// I7
test.each([
  { workers: 1, rowsPerChunk: 1 },
  { workers: 3, rowsPerChunk: 2 },
  { workers: 2, rowsPerChunk: 1000 },
])('$workers workers, $rowsPerChunk rows a chunk: the same sums', async (options) => {
  const database = await databaseWith(schema)
  const plan = buildPlan(billing, await catalogOf(database))
  await withDatabase(database.url, (db) => run(db, plan, { allowed: hazardNames, ...options }))
  expect(await ledgerOf(database)).toEqual(await ledgerOf(await createDatabase(loaded.name)))
})

describe('existing rows that are updated', () => {
  const matching = (update: readonly ('amount' | 'at')[]) => {
    const own = migrationOf('matching')
    return own.migration([
      own.map('bills', {
        from: (db) => db.selectFrom('old.bills as b'),
        key: ({ b }) => b.id!,
        match: { on: (to, existing) => sql`${existing.id} = ${to.id}`, found: 'update', update },
        to: 'new.bills',
        columns: ({ b }) => ({ id: b.id!, amount: sql`2 * ${decimal(b.amount!).orNull()}`, at: b.at! }),
        dropped: ['room', 'kind'],
        totals: ({ b }, to) => ({
          amount: { source: sql`2 * ${decimal(b.amount!).orNull()}`, target: to.amount!, by: [to.id!] },
        }),
      }),
    ])
  }
  const carriedOut = async (update: readonly ('amount' | 'at')[]) => {
    const database = await databaseWith(`${schema}
      insert into new.bills select i, null, 0, null from generate_series(1, 3) as i;
      create function new.spoil() returns trigger language plpgsql as 'begin new.amount := new.amount + 1; return new; end';
      create trigger spoil before update on new.bills for each row execute function new.spoil()`)
    await carryOut(database, matching(update))
    return complaintsOf(await findingsOf(database))
  }

  test('must hold what the source holds, where the total is of updated columns', async () => {
    expect(await carriedOut(['amount'])).toEqual([
      'fail bills amount: 3 groups got another sum than the source held (id 1: source 3, target 4; id 2: source 5, target 6; id 3: source 7, target 8).',
    ])
  })

  test('need not, where it is of others', async () => {
    expect(await carriedOut(['at'])).toEqual([])
  })
})
