import { beforeAll, expect, test } from 'vitest'
import type { Finding } from '../../src/verify/verification.ts'
import { verify } from '../../src/verify/verify.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from './fixture.ts'

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
})

const verified = (database: TestDatabase) => withDatabase(database.url, (db) => verify(db, '1'))

const stateOf = async (database: TestDatabase) => (await database.query('select state from drover.run'))[0]!.state

const accountOf = ({ rule: _, sample: __, query: ___, ...account }: Finding) => account

test('findings are stored, and those of a second verification take their place', async () => {
  const database = await createDatabase(loaded.name)
  const stored = () =>
    database.query('select check_name as check, mapping, verdict, expected, actual, detail from drover.finding')
  const first = await verified(database)
  expect(await stored()).toEqual(expect.arrayContaining(first.findings.map(accountOf)))

  await database.query(`delete from new.people where name = 'Patient 7'`)
  const second = await verified(database)
  expect(await stored()).toHaveLength(second.findings.length)
  expect(await stored()).toEqual(expect.arrayContaining(second.findings.map(accountOf)))
})

test('the state follows the verdict: loaded, verified, loaded again, verified again', async () => {
  const database = await createDatabase(loaded.name)
  await verified(database)
  expect(await stateOf(database)).toBe('verified')
  await verified(database)
  expect(await stateOf(database)).toBe('verified')
  await database.query(`create table kept as select * from new.people where name = 'Patient 7'`)
  await database.query(`delete from new.people where name = 'Patient 7'`)
  await verified(database)
  expect(await stateOf(database)).toBe('loaded')
  await database.query(`insert into new.people select * from kept`)
  await verified(database)
  expect(await stateOf(database)).toBe('verified')
  const events = await database.query(`select what, detail ->> 'cause' as cause from drover.event order by id desc`)
  expect(events.slice(0, 2)).toEqual([
    { what: 'run verified', cause: 'verification passed' },
    { what: 'run checked', cause: null },
  ])
})

test('keys are named, a few of many, and values are not', async () => {
  const database = await createDatabase(loaded.name)
  await database.query(`delete from new.people where name like 'Patient %'`)
  const { findings } = await verified(database)
  const lost = findings.find(({ check, verdict }) => check === 'targets exist' && verdict === 'fail')
  expect(lost).toMatchObject({ mapping: 'patients', actual: '90 missing' })
  expect(lost?.detail).toBe('Rows of new.people are gone: source keys p1, p11, p12, p13, p14 and 85 more.')
  // I8
  expect(JSON.stringify(findings)).not.toContain('Patient')
})

test.each(['planned', 'running', 'paused', 'failed', 'repairing', 'rolling_back', 'rolled_back'])(
  'a run that is %s is not verified, and keeps its state',
  async (state) => {
    const database = await createDatabase(loaded.name)
    await database.query('update drover.run set state = $1', [state])
    await expect(verified(database)).rejects.toMatchObject({ code: 'state-refused' })
    expect(await stateOf(database)).toBe(state)
    expect(await database.query('select from drover.finding')).toEqual([])
  },
)

test('a finalized run is verified and stays finalized', async () => {
  const database = await createDatabase(loaded.name)
  await database.query(`update drover.run set state = 'finalized'`)
  expect((await verified(database)).verdict).toBe('pass')
  await database.query(`delete from new.people where name = 'Patient 7'`)
  expect((await verified(database)).verdict).toBe('fail')
  expect(await stateOf(database)).toBe('finalized')
})

test('without a ledger, and without the run, it says so', async () => {
  const empty = await createDatabase()
  await expect(verified(empty)).rejects.toMatchObject({ code: 'ledger-missing' })
  await expect(withDatabase(loaded.url, (db) => verify(db, '77'))).rejects.toMatchObject({ code: 'run-missing' })
})
