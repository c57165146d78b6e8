import { beforeAll, describe, expect, it } from 'vitest'
import { recordRehearsal } from '../../src/ledger/rehearsal.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { run } from '../../src/run/run.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from '../verify/fixture.ts'
import { expectRefusal } from './drover.ts'
import { callInProcess } from './in-process.ts'

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
})

const call = ({ url }: TestDatabase, words: string) => callInProcess(words.split(' '), url)

const stateOf = async (database: TestDatabase) => (await database.query('select state from drover.run'))[0]?.state

async function rehearsed(database: TestDatabase, verdict: 'pass' | 'fail'): Promise<void> {
  const [run] = await database.query('select plan_hash as hash from drover.run')
  await withDatabase(database.url, (db) =>
    db.transaction((tx) =>
      recordRehearsal(tx, { migration: 'practice', planHash: run!.hash as string, verdict, result: {} }),
    ),
  )
}

const tablesOf = async (database: TestDatabase) =>
  (
    await database.query(`select relname as name from pg_class
      where relnamespace = 'drover'::regnamespace and relkind = 'r' and relname ~ '^(crosswalk|resolution|before_image|source)_'
      order by relname collate "C"`)
  ).map(({ name }) => name)

describe.concurrent('a run is ended for good', () => {
  it('not before it was verified and rehearsed: both are named, with what brings them about', async () => {
    const database = await createDatabase(loaded.name)
    expectRefusal(await call(database, 'finalize'), {
      exit: 2,
      code: 'hazard-not-allowed',
      what: 'After this the run can no longer be taken back.',
      told: [
        '- unverified: Run 1 has no verification that passed.',
        '- unrehearsed: Its plan was never rehearsed: nobody has seen it being taken back.',
      ],
      remedy: 'See to it first with drover verify and drover rehearse; or add --allow unverified --allow unrehearsed.',
    })
    await rehearsed(database, 'fail')
    expectRefusal(await call(database, 'finalize --allow unverified'), {
      exit: 2,
      code: 'hazard-not-allowed',
      what: 'After this the run can no longer be taken back.',
      told: ['- unrehearsed: The last rehearsal of its plan did not pass.'],
      remedy: 'See to it first with drover rehearse; or add --allow unrehearsed.',
    })
    expect(await stateOf(database)).toBe('loaded')
  })

  it('where both were done', async () => {
    const database = await createDatabase(loaded.name)
    const before = await tablesOf(database)
    await rehearsed(database, 'pass')
    expect((await call(database, 'verify')).exit).toBe(0)
    expect(await call(database, 'finalize')).toEqual({
      exit: 0,
      stdout: 'Run 1 is final: it can no longer be taken back.\n',
      stderr: '',
    })
    expect(await stateOf(database)).toBe('finalized')
    expect(await tablesOf(database)).toEqual(before)
    expectRefusal(await call(database, 'finalize'), {
      exit: 1,
      code: 'state-refused',
      what: 'Run 1 is finalized and cannot be finalized.',
      remedy: 'It is over for good',
    })
  })

  it('by name, with what it no longer needs; then there is no way back, and the evidence is there', async () => {
    const database = await createDatabase(loaded.name)
    const before = await tablesOf(database)
    const words = 'finalize --allow unverified unrehearsed --drop before-images crosswalks working-tables'
    const { exit, stdout } = await call(database, words)
    expect(exit).toBe(0)
    expect(stdout.split('\n').filter((line) => /^Dropped drover\.\w+, \d+\.\d MB\.$/.test(line))).toHaveLength(
      before.length,
    )
    expect(await tablesOf(database)).toEqual([])
    expectRefusal(await call(database, 'rollback'), {
      exit: 1,
      code: 'state-refused',
      what: 'Run 1 is finalized and cannot be taken back.',
      remedy: 'To finalize a run gives its way back up. Restore a backup from before it.',
    })
    const { stdout: report } = await call(database, 'report --format json')
    expect(JSON.parse(report)).toMatchObject({
      run: { state: 'finalized' },
      verdict: { rowsInTarget: '119' },
      rollback: null,
    })
    expect(JSON.parse(report).quarantine).toHaveLength(1)
    expect((await call(database, 'status')).stdout).toMatch(/^ {2}1 {2}practice {3}finalized /m)
  })

  it('and told to programs', async () => {
    const database = await createDatabase(loaded.name)
    const { exit, stdout } = await call(database, 'finalize --allow unverified unrehearsed --drop crosswalks --json')
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      runId: '1',
      dropped: ['clinics', 'doctors', 'patients', 'odd'].map((name) => ({
        table: `drover.crosswalk_${name}`,
        bytes: expect.stringMatching(/^\d+$/),
      })),
    })
  })

  it.each([
    ['finalize --drop everything', "argument 'everything' is invalid. Allowed choices are before-images"],
    ['finalize --allow merges-rows', "argument 'merges-rows' is invalid. Allowed choices are unverified, unrehearsed"],
    ['finalize --run none', '--run <number>'],
  ])('%s is no way to say it', async (words, told) => {
    const { exit, stderr } = await callInProcess(words.split(' '), 'postgresql://nowhere')
    expect(exit).toBe(2)
    expect(stderr).toContain(told)
  })
})

it('the names of its mappings are free once its crosswalks are dropped', async () => {
  const database = await createDatabase(loaded.name)
  await call(database, 'finalize --allow unverified unrehearsed')
  await database.query('truncate new.clinics, new.people, new."o""d`d|t"')
  const [stored] = await database.query('select plan from drover.run')
  const plan = { ...(stored!.plan as Plan), migration: 'other' }
  const other = () =>
    withDatabase(database.url, (db) => run(db, plan, { allowed: ['merges-rows', 'unrehearsed', 'drops-indexes'] }))
  await expect(other()).rejects.toMatchObject({ code: 'mapping-taken' })
  await database.query(`update drover.run set state = 'loaded'`)
  await call(database, 'finalize --allow unverified unrehearsed --drop crosswalks')
  expect(await other()).toMatchObject({ runId: '2', state: 'loaded' })
})
