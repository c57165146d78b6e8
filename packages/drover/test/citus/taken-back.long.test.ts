import { beforeAll, describe, expect, test } from 'vitest'
import type { Decisions } from '../../src/ledger/rollback.ts'
import { findRun } from '../../src/ledger/run.ts'
import { rehearse } from '../../src/rehearsal/rehearse.ts'
import { fixRows } from '../../src/repair/fix.ts'
import { retryRows } from '../../src/repair/retry.ts'
import { rollback } from '../../src/rollback/rollback.ts'
import { readScriptWay } from '../../src/rollback/script/way.ts'
import { readWay } from '../../src/rollback/way.ts'
import { takeBack } from '../../src/rollback/work.ts'
import { defaultLimits } from '../../src/run/worker.ts'
import { createPractice, practice } from '../rollback/practice.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createClusterPractice } from './cluster.ts'

let server: TestDatabase
let cluster: TestDatabase

beforeAll(async () => {
  server = await createPractice()
  cluster = await createClusterPractice()
})

const tables = ['new.clinics', 'new.doctors', 'new.visits', 'new.rooms', 'app.notes', 'app.calls', 'app.tags']

async function stateOf(database: TestDatabase): Promise<readonly string[]> {
  const state: string[] = []
  for (const table of tables) {
    // When a visit came is another time in each run.
    const row = table === 'new.visits' ? 'row(t.id, clinic_id, doctor_id, previous_id, amount, note)' : 't'
    const rows = await database.query<{ row: string }>(`select (${row})::text as row from ${table} as t order by 1`)
    state.push(...rows.map((each) => `${table} ${each.row}`))
  }
  return state
}

async function discardedIn(database: TestDatabase): Promise<readonly string[]> {
  const rows = await database.query<{ line: string }>(
    `select table_name || ' ' || row_key || ' ' || (row ? 'seen_at')::text as line from drover.discarded_row order by id`,
  )
  return rows.map(({ line }) => line)
}

async function takenBack(template: TestDatabase, statements: string, onConflict: Decisions) {
  const database = await createDatabase(template.name)
  for (const statement of statements.split(';\n')) await database.query(statement)
  return withDatabase(database.url, async (db) => {
    const { state, verdict } = await rollback(db, '1', { onConflict, blocksPerChunk: 1 })
    return { state, verdict, rows: await stateOf(database), discarded: await discardedIn(database) }
  })
}

/** Gives up on the first lock that is not to be had. */
const impatient = { ...defaultLimits, lockMs: 500, patience: { tries: 1, outageMs: 0 } }

/** Each row that evolved is kept as it was found. */
const evolved = ['rooms 1 false', 'rooms 3 false']

test('all that a run has written to the nodes is taken back, and its tables are as they were', async () => {
  const outcome = await takenBack(cluster, 'select', {})
  expect(outcome).toEqual({
    state: 'rolled_back',
    verdict: 'pass',
    rows: [
      'new.clinics (900,7,Before)',
      'new.doctors (901,Ann,900,Old,n1)',
      'new.doctors (902,Bob,,Dr,n2)',
      'new.doctors (909,Zoe,900,,)',
      'new.rooms (1,900," Blue  room")',
      'new.rooms (2,900,Red)',
      'new.rooms (3,," Green ")',
    ],
    discarded: evolved,
  })
})

describe('each decision is honoured as where rows tell who wrote them', () => {
  test.concurrent.each<[string, string, Decisions]>([
    ['a changed row discarded', `update new.visits set note = 'x' where id = 1`, { '*': 'discard' }],
    ['a changed row kept, and what it needs', `update new.visits set note = 'x' where id = 1`, { '*': 'keep' }],
    ['a deleted row', `delete from new.visits where id = 5`, { '*': 'keep' }],
    ['a deleted row, discarded', `delete from new.visits where id = 5`, { '*': 'discard' }],
    ['a matched row: restored', `update new.doctors set note = 'x' where id = 901`, { '*': 'discard' }],
    ['a matched row: kept', `update new.doctors set note = 'x' where id = 901`, { '*': 'keep' }],
    ['a matched row deleted since: it stays away', `delete from new.doctors where id = 902`, { '*': 'keep' }],
    ['a matched row deleted since: it comes back', `delete from new.doctors where id = 902`, { '*': 'discard' }],
    [
      'added rows kept',
      `insert into app.notes values (1, 5, null), (2, null, 1);\ninsert into app.calls values (1, null, 4)`,
      { '*': 'keep' },
    ],
    [
      'added rows discarded',
      `insert into app.notes values (1, 5, null), (2, null, 1);\ninsert into app.calls values (1, 1, 4);\ninsert into app.tags values (3, 'a')`,
      { '*': 'discard' },
    ],
    [
      'table by table',
      `update new.visits set note = 'x' where id in (1, 5);\ninsert into app.notes values (1, 5), (2, 2)`,
      { 'app.notes': 'keep', 'new.visits': 'discard' },
    ],
  ])('%s', async (_, statements, decisions) => {
    const { discarded, ...compared } = await takenBack(cluster, statements, decisions)
    const { discarded: asTold, ...told } = await takenBack(server, statements, decisions)
    expect(compared).toEqual(told)
    const isOfOthers = (line: string) => !evolved.includes(line)
    expect(discarded.filter(isOfOthers)).toEqual(asTold)
  })
})

test('what a repair has written is taken back too: the rows that the run had made are no state from before', async () => {
  const database = await createDatabase(cluster.name)
  await withDatabase(database.url, async (db) => {
    await fixRows(db, '1', [{ mapping: 'visits', key: '3', values: { amount: '30' } }])
    await retryRows(db, '1', {}, new Map())
    // The visit that waited for it follows.
    expect(await database.query('select id, previous_id from new.visits where id = 5')).toEqual([
      { id: 5, previous_id: 3 },
    ])
    const { verdict } = await rollback(db, '1', { blocksPerChunk: 1 })
    expect([verdict, await discardedIn(database)]).toEqual(['pass', evolved])
  })
  expect(await database.query('select from new.visits')).toEqual([])
})

test('a row that is changed while the rollback is under way ends it, and is found when that goes on', async () => {
  const database = await createDatabase(cluster.name)
  await withDatabase(database.url, async (db) => {
    await database.query('begin; lock table new.clinics in exclusive mode')
    await expect(rollback(db, '1', { workers: 1, limits: impatient })).rejects.toThrow()
    await database.query('rollback')
    expect(await database.query('select state from drover.run')).toEqual([{ state: 'rolling_back' }])
    await database.query(`update new.clinics set name = 'x' where id = 3`)
    await expect(rollback(db, '1')).rejects.toMatchObject({
      code: 'rollback-conflicts',
      findings: ['new.clinics: 1 row changed since (3)'],
    })
    expect(await rollback(db, '1', { onConflict: { 'new.clinics': 'discard' } })).toMatchObject({ verdict: 'pass' })
    expect(await discardedIn(database)).toContain('clinics 3 false')
  })
})

test('references that the rollback itself has emptied are no changes of others', async () => {
  const database = await createDatabase(cluster.name)
  await withDatabase(database.url, async (db) => {
    // Whoever deletes a visit looks for notes.
    await database.query('begin; lock table app.notes in exclusive mode')
    await expect(rollback(db, '1', { workers: 1, limits: impatient })).rejects.toThrow()
    await database.query('rollback')
    const done = await database.query(
      `select distinct kind from drover.rollback_chunk where mapping = 'visits' and state = 'done'`,
    )
    expect(done).toEqual([{ kind: 'unlink' }])
    expect(await database.query('select from new.visits where previous_id is not null')).toEqual([])
    expect(await rollback(db, '1')).toMatchObject({ state: 'rolled_back', verdict: 'pass' })
  })
})

test('so does one that is changed after the conflicts were looked for: each chunk looks again, under a lock', async () => {
  for (const [statement, mapping, what] of [
    [`update new.clinics set name = 'x' where id = 3`, 'clinics', 'changed'],
    ['delete from new.doctors where id = 3', 'doctors', 'changed'],
    [`insert into new.visits values (70, 3, null, null, 1)`, 'clinics', 'added that refer to those that go'],
  ] as const) {
    const database = await createDatabase(cluster.name)
    await withDatabase(database.url, async (db) => {
      await database.query('begin; lock table new.clinics in exclusive mode')
      await expect(rollback(db, '1', { workers: 1, limits: impatient })).rejects.toThrow()
      await database.query('rollback')
      await database.query(statement)
      const way = await db.transaction(async (tx) => readWay(tx, await findRun(tx, '1')))
      const undoer = { db, way, triggers: 'disabled', limits: impatient, name: 'one', onChunk: () => {} } as const
      await expect(takeBack(undoer, new AbortController().signal)).rejects.toMatchObject({
        code: 'rollback-conflicts',
        message: `Rows were ${what} while the rollback was under way.`,
        where: `mapping ${mapping}, 1 rows`,
      })
    })
  }
})

test('half-committed transactions are brought to an end ahead of it', async () => {
  const database = await createDatabase(cluster.name)
  const before = await database.query('select from pg_catalog.recovered')
  await withDatabase(database.url, (db) => rollback(db, '1'))
  expect(await database.query('select from pg_catalog.recovered')).toHaveLength(before.length + 1)
})

test('a reversal script is refused: it could not tell what others changed', async () => {
  const database = await createDatabase(cluster.name)
  await withDatabase(database.url, (db) =>
    expect(db.transaction(async (tx) => readScriptWay(tx, await findRun(tx, '1')))).rejects.toMatchObject({
      code: 'rollback-refused',
      where: 'new.rooms, new.visits, new.doctors, new.clinics',
    }),
  )
})

test('no sample is drawn from rows that have no place', async () => {
  const database = await createDatabase(cluster.name)
  const scratch = await createDatabase()
  await withDatabase(database.url, (db) =>
    withDatabase(scratch.url, async (other) => {
      const { plan } = await db.transaction((tx) => findRun(tx, '1'))
      await expect(rehearse(db, other, practice, plan, { seed: 1 } as never)).rejects.toMatchObject({
        code: 'usage-invalid',
        where: 'new.clinics, new.doctors, new.rooms, new.visits',
      })
    }),
  )
})
