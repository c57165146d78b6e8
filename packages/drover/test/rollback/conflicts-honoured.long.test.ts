import { beforeAll, describe, expect, test } from 'vitest'
import type { Decisions } from '../../src/ledger/rollback.ts'
import { fixRows } from '../../src/repair/fix.ts'
import { retryRows } from '../../src/repair/retry.ts'
import { type RollbackOutcome, rollback } from '../../src/rollback/rollback.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createPractice, listed } from './practice.ts'

let template: TestDatabase

beforeAll(async () => {
  template = await createPractice()
})

const tables = ['new.clinics', 'new.doctors', 'new.visits', 'new.rooms', 'app.notes', 'app.calls', 'app.tags'] as const

/** As the practice was before its run. */
const before: Readonly<Record<string, readonly string[]>> = {
  'new.clinics': ['(900,7,Before)'],
  'new.doctors': ['(901,Ann,900,Old,n1)', '(902,Bob,,Dr,n2)', '(909,Zoe,900,,)'],
  'new.visits': [],
  'new.rooms': ['(1,900," Blue  room")', '(2,900,Red)', '(3,," Green ")'],
  'app.notes': [],
  'app.calls': [],
  'app.tags': [],
}

async function stateOf(database: TestDatabase): Promise<Readonly<Record<string, readonly string[]>>> {
  const state: Record<string, readonly string[]> = {}
  for (const table of tables) {
    // When a visit came is another time in each run.
    const row = table === 'new.visits' ? 'row(t.id, clinic_id, doctor_id, previous_id, amount, note)' : 't'
    const rows = await database.query<{ row: string }>(`select (${row})::text as row from ${table} as t order by 1`)
    state[table] = rows.map((each) => each.row)
  }
  return state
}

interface Outcome {
  readonly outcome: RollbackOutcome
  /** The tables that are not as before the run. */
  readonly left: Readonly<Record<string, readonly string[]>>
  /** What the ledger has of rows that were discarded. */
  readonly discarded: readonly string[]
}

async function takenBack(statements: string, onConflict: Decisions): Promise<Outcome> {
  const database = await createDatabase(template.name)
  for (const statement of statements.split(';\n')) await database.query(statement)
  return takeBack(database, onConflict)
}

function takeBack(database: TestDatabase, onConflict: Decisions, url = database.url): Promise<Outcome> {
  return withDatabase(url, async (db) => {
    const outcome = await rollback(db, '1', { onConflict, blocksPerChunk: 1 })
    const state = await stateOf(database)
    const left = Object.fromEntries(
      Object.entries(state).filter(([table, rows]) => String(rows) !== String(before[table])),
    )
    const discarded = await database.query<{ line: string }>(
      `select table_name || ' ' || row_key as line from drover.discarded_row order by id`,
    )
    return { outcome, left, discarded: discarded.map(({ line }) => line) }
  })
}

test('without conflicts everything is as it was', async () => {
  const { outcome, left, discarded } = await takenBack('select', {})
  expect(outcome).toMatchObject({ state: 'rolled_back', verdict: 'pass' })
  expect({ left, discarded }).toEqual({ left: {}, discarded: [] })
})

test('after a table was rewritten too', async () => {
  const { left, discarded } = await takenBack(
    `alter table new.visits alter column amount type numeric(12, 4);
alter table new.clinics alter column org type bigint;
alter table new.doctors alter column title type varchar(20), alter column id type bigint`,
    {},
  )
  expect({ left, discarded }).toEqual({ left: {}, discarded: [] })
})

test('undecided, nothing is touched; the same call with decisions goes through', async () => {
  const database = await createDatabase(template.name)
  await database.query(`update new.visits set note = 'x' where id = 1; insert into app.notes values (1, 5)`)
  const loaded = await stateOf(database)
  await withDatabase(database.url, async (db) => {
    await expect(rollback(db, '1')).rejects.toMatchObject({
      code: 'rollback-conflicts',
      findings: [
        'app.notes: 1 row added since, with references to rows that would go (1)',
        'new.visits: 1 row changed since (1)',
      ],
    })
    expect(await stateOf(database)).toEqual(loaded)
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'loaded' }])
    expect(await listed(database)).toHaveLength(2)
    expect(await rollback(db, '1', { onConflict: { '*': 'discard' } })).toMatchObject({ verdict: 'pass' })
  })
  expect(await stateOf(database)).toEqual(before)
})

describe('each decision is honoured', () => {
  test.concurrent.each<[string, string, Decisions, object, readonly string[]]>([
    ['a changed row discarded', `update new.visits set note = 'x' where id = 1`, { '*': 'discard' }, {}, ['visits 1']],
    [
      'a changed row kept, and what it needs',
      `update new.visits set note = 'x' where id = 1`,
      { '*': 'keep' },
      {
        'new.clinics': ['(1,7,North)', '(900,7,Before)'],
        'new.visits': ['(1,1,901,,10.00,x)'],
      },
      [],
    ],
    ['a deleted row', `delete from new.visits where id = 5`, { '*': 'keep' }, {}, []],
    ['a deleted row, discarded', `delete from new.visits where id = 5`, { '*': 'discard' }, {}, []],
    [
      'a matched row changed since: restored',
      `update new.doctors set note = 'x' where id = 901`,
      { '*': 'discard' },
      {},
      ['doctors 901'],
    ],
    [
      'a matched row changed since: kept, and what it needs',
      `update new.doctors set note = 'x' where id = 901`,
      { '*': 'keep' },
      {
        'new.clinics': ['(1,7,North)', '(900,7,Before)'],
        'new.doctors': ['(901,Ann,1,Dr,x)', '(902,Bob,,Dr,n2)', '(909,Zoe,900,,)'],
      },
      [],
    ],
    [
      'a matched row deleted since: it stays away',
      `delete from new.doctors where id = 902`,
      { '*': 'keep' },
      { 'new.doctors': ['(901,Ann,900,Old,n1)', '(909,Zoe,900,,)'] },
      [],
    ],
    [
      'a matched row deleted since: it comes back',
      `delete from new.doctors where id = 902`,
      { '*': 'discard' },
      {},
      [],
    ],
    [
      'a row that evolved and changed: kept',
      `update new.rooms set name = 'x' where id = 1`,
      { '*': 'keep' },
      { 'new.rooms': ['(1,900,x)', '(2,900,Red)', '(3,," Green ")'] },
      [],
    ],
    [
      'a row that evolved and changed: restored',
      `update new.rooms set name = 'x' where id = 1`,
      { '*': 'discard' },
      {},
      ['rooms 1'],
    ],
    [
      'added rows kept',
      `insert into app.notes values (1, 5, null), (2, null, 1);
insert into app.calls values (1, null, 4)`,
      { '*': 'keep' },
      {
        'new.clinics': ['(1,7,North)', '(4,7,East)', '(900,7,Before)'],
        'new.visits': ['(5,1,,,50.00,)'],
        'app.notes': ['(1,5,,)', '(2,,1,)'],
        'app.calls': ['(1,,4)'],
      },
      [],
    ],
    [
      'added rows discarded',
      `insert into app.notes values (1, 5, null), (2, null, 1);
insert into app.calls values (1, 1, 4);
insert into app.tags values (3, 'a')`,
      { '*': 'discard' },
      { 'app.calls': ['(1,,)'] },
      ['calls 1', 'notes 1', 'notes 2', 'tags (0,1)'],
    ],
    [
      'a changed row that refers to an added one: both discarded',
      `insert into new.visits values (70, 1, null, null, 1);
update new.visits set previous_id = 70 where id = 5`,
      { '*': 'discard' },
      {},
      ['visits 70', 'visits 5'],
    ],
    [
      'table by table',
      `update new.visits set note = 'x' where id in (1, 5);
insert into app.notes values (1, 5), (2, 2)`,
      { 'app.notes': 'keep', 'new.visits': 'discard' },
      {
        'new.clinics': ['(1,7,North)', '(3,7,South)', '(900,7,Before)'],
        'new.visits': ['(1,1,901,,10.00,x)', '(2,3,902,1,20.00,)', '(5,1,,,50.00,x)'],
        'app.notes': ['(1,5,,)', '(2,2,,)'],
      },
      [],
    ],
  ])('%s', async (_, statements, decisions, expected, discarded) => {
    const outcome = await takenBack(statements, decisions)
    expect(outcome.left).toEqual(expected)
    expect(outcome.discarded).toEqual(discarded)
    expect(outcome.outcome.state).toBe('rolled_back')
  })
})

describe('what others wrote before a repair wrote the row again', () => {
  test.concurrent.each<[string, Decisions, object, readonly string[]]>([
    [
      'is kept',
      { '*': 'keep' },
      {
        'new.clinics': ['(1,7,North)', '(3,7,South)', '(900,7,Before)'],
        'new.doctors': ['(3,Cid,3,Dr,)', ...before['new.doctors']!],
        'new.visits': ['(3,3,3,,30.00,)', '(5,1,,3,50.00,x)'],
      },
      [],
    ],
    ['is discarded', { '*': 'discard' }, {}, ['visits 5', 'visits 5']],
  ])('%s', async (_, onConflict, expected, discarded) => {
    const database = await createDatabase(template.name)
    await database.query(`update new.visits set note = 'x' where id = 5`)
    await withDatabase(database.url, async (db) => {
      await fixRows(db, '1', [{ mapping: 'visits', key: '3', values: { amount: '30' } }])
      await retryRows(db, '1', {}, new Map())
    })
    const outcome = await takeBack(database, onConflict)
    expect(outcome.left).toEqual(expected)
    expect(outcome.discarded).toEqual(discarded)
  })
})
