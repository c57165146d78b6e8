import { beforeAll, expect, test } from 'vitest'
import { acceptRows, type Decision } from '../../src/repair/accept.ts'
import type { Selection } from '../../src/repair/selection.ts'
import { verify } from '../../src/verify/verify.ts'
import { withDatabase } from '../run/fixture.ts'
import { connectTo } from '../support/connect.ts'
import { digest } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createMendingDatabase } from './fixture.ts'

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createMendingDatabase()
})

const accept = (database: TestDatabase, selection: Selection, decision: Decision | null = { why: 'test data' }) =>
  withDatabase(database.url, (db) => acceptRows(db, '1', selection, decision))

const accepted = (database: TestDatabase) =>
  database.query(`select mapping, source_key, accepted_by, accepted_why, accepted_at is not null as at
    from drover.quarantine where accepted_why is not null order by mapping, source_key`)

const events = (database: TestDatabase) =>
  database.query(`select actor, what, detail from drover.event where what like '%accept%' order by id`)

test('rows are accepted, by whom and why, and that is logged', async () => {
  const database = await createDatabase(loaded.name)
  expect(await accept(database, { keys: ['p2', 'p3'] }, { why: 'test data', by: 'A. Moser' })).toEqual([
    { mapping: 'people', rows: 2n },
    { mapping: 'profiles', rows: 1n },
  ])
  const told = { accepted_by: 'A. Moser (postgres)', accepted_why: 'test data', at: true }
  expect(await accepted(database)).toEqual([
    { mapping: 'people', source_key: 'p2', ...told },
    { mapping: 'people', source_key: 'p3', ...told },
    { mapping: 'profiles', source_key: 'p2', ...told },
  ])
  expect(await events(database)).toEqual([
    {
      actor: 'postgres',
      what: 'rows accepted',
      detail: {
        why: 'test data',
        by: 'A. Moser',
        selection: { keys: ['p2', 'p3'] },
        rows: { people: '2', profiles: '1' },
      },
    },
  ])
})

test('nobody accepts rows without a reason', async () => {
  const database = await createDatabase(loaded.name)
  await expect(accept(database, { keys: ['p2'] }, { why: '  ' })).rejects.toMatchObject({ code: 'usage-invalid' })
  expect(await accepted(database)).toEqual([])
})

test('who accepted a row first stays; the others are accepted, and taken back together', async () => {
  const database = await createDatabase(loaded.name)
  await accept(database, { mapping: 'people', codes: ['no-age'] }, { why: 'first' })
  expect(await accept(database, { mapping: 'people' }, { why: 'second' })).toEqual([{ mapping: 'people', rows: 2n }])
  const whys = (await accepted(database)).map(({ source_key, accepted_why }) => [source_key, accepted_why])
  expect(whys).toEqual([
    ['p2', 'first'],
    ['p3', 'second'],
    ['p4', 'first'],
    ['x1', 'second'],
  ])
  expect(await accept(database, { mapping: 'people', codes: ['no-age'] }, null)).toEqual([
    { mapping: 'people', rows: 2n },
  ])
  expect((await accepted(database)).map(({ source_key }) => source_key)).toEqual(['p3', 'x1'])
  expect((await events(database)).at(-1)).toMatchObject({
    what: 'acceptance taken back',
    detail: { selection: { mapping: 'people', codes: ['no-age'] }, rows: { people: '2' } },
  })
})

// I2
test('nothing else changes: the run is verified as before', async () => {
  const database = await createDatabase(loaded.name)
  const schemas = ['old', 'new']
  const before = await digest(database, schemas)
  await withDatabase(database.url, (db) => verify(db, '1'))
  await accept(database, { mapping: 'visits' })
  expect(await digest(database, schemas)).toEqual(before)
  expect(await database.query('select state from drover.run')).toEqual([{ state: 'verified' }])
  const { verdict } = await withDatabase(database.url, (db) => verify(db, '1'))
  expect(verdict).toBe('pass')
})

test.each<[string, Selection, Decision | null, object]>([
  ['nothing is named', {}, { why: 'so' }, { code: 'selection-empty', what: 'No row is named.' }],
  [
    'no row is meant',
    { codes: ['none'] },
    { why: 'so' },
    { code: 'selection-empty', what: 'Run 1 has no such quarantined row.' },
  ],
  [
    'a key is not there',
    { keys: ['p2', 'p1'] },
    { why: 'so' },
    { code: 'row-missing', what: 'Run 1 has no quarantined row p1.' },
  ],
  ['a key is of two sources', { keys: ['x1'] }, { why: 'so' }, { code: 'key-ambiguous' }],
  ['the mapping is not there', { mapping: 'none' }, { why: 'so' }, { code: 'usage-invalid' }],
  [
    'none was accepted',
    { mapping: 'people' },
    null,
    { code: 'selection-empty', what: 'All rows that are meant are not accepted: 4.' },
  ],
])('it is refused where %s', async (_, selection, decision, error) => {
  await expect(accept(loaded, selection, decision)).rejects.toMatchObject(error)
  expect(await events(loaded)).toEqual([])
  expect(await accepted(loaded)).toEqual([])
  await loaded.disconnect()
})

test('it is refused where all are accepted already', async () => {
  const database = await createDatabase(loaded.name)
  await accept(database, { mapping: 'people' })
  await expect(accept(database, { mapping: 'people' })).rejects.toMatchObject({
    code: 'selection-empty',
    what: 'All rows that are meant are accepted already: 4.',
  })
  expect(await events(database)).toHaveLength(1)
})

test.each(['running', 'paused', 'failed', 'loaded', 'verified', 'cancelled'])(
  'it can be done while the run is %s',
  async (state) => {
    const database = await createDatabase(loaded.name)
    await database.query(`update drover.run set state = '${state}'`)
    await accept(database, { keys: ['v3'] })
    expect(await database.query('select state from drover.run')).toEqual([{ state }])
  },
)

test.each([
  ['repairing', /Run 1 is repairing: its rows cannot be decided about now/],
  ['finalized', /Run 1 is finalized: its rows cannot be decided about now/],
  ['rolling_back', /Run 1 is rolling back/],
  ['rolled_back', /Run 1 is rolled back/],
])('it is refused while the run is %s', async (state, what) => {
  const database = await createDatabase(loaded.name)
  await database.query(`update drover.run set state = '${state}'`)
  await expect(accept(database, { keys: ['v3'] })).rejects.toMatchObject({
    code: 'state-refused',
    what: expect.stringMatching(what),
  })
  expect(await accepted(database)).toEqual([])
})

test('it waits for whoever changes the run, not for those who load', async () => {
  const database = await createDatabase(loaded.name)
  const worker = connectTo(database.url)
  await worker.query('begin; select from drover.run for key share')
  await accept(database, { keys: ['v2'] })
  const repair = connectTo(database.url)
  await repair.query(`begin; update drover.run set state = 'repairing'`)
  const late = accept(database, { keys: ['v3'] })
  const waiting = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  while ((await database.query(waiting))[0]?.n !== 1) await new Promise((resolve) => setTimeout(resolve, 10))
  const refused = expect(late).rejects.toMatchObject({ code: 'state-refused' })
  await repair.query('commit')
  await refused
  await worker.disconnect()
  await repair.disconnect()
})
