import { beforeAll, expect, test } from 'vitest'
import type { DroverError } from '../../src/error.ts'
import { type VerifyOptions, verify } from '../../src/verify/verify.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { complaintsOf, createLoadedDatabase, withDatabase } from './fixture.ts'

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
})

const ask = ({ url }: TestDatabase, options: VerifyOptions = {}) =>
  withDatabase(url, (db) => verify(db, '1', { recheckAfterMs: 0, ...options }))

/** Leaves a verification behind of which some parts are done. */
async function interrupt(database: TestDatabase, options: VerifyOptions = {}): Promise<void> {
  const interruption = new AbortController()
  const onProgress: VerifyOptions['onProgress'] = ({ done }) => {
    if (done === 5) interruption.abort()
  }
  const ended = await ask(database, { ...options, workers: 1, signal: interruption.signal, onProgress }).catch(
    (error: DroverError) => error,
  )
  expect(ended).toMatchObject({ code: 'interrupted' })
}

test('two processes that go on with one verification both end, each with its verdict and its fingerprints', async () => {
  const database = await createDatabase(loaded.name)
  await interrupt(database)
  const both = await Promise.all([ask(database), ask(database)])
  expect(both.map(({ verdict }) => verdict)).toEqual(['pass', 'pass'])
  const stored = await database.query(
    `select verdict, finished_at is not null as ended, (select count(*)::int from drover.fingerprint where verification_id = v.id) as n
    from drover.verification as v`,
  )
  expect(stored).toEqual([
    { verdict: 'pass', ended: true, n: 3 },
    { verdict: 'pass', ended: true, n: 3 },
  ])
})

test('a repair meanwhile leaves no verdict: some parts saw the run as it was', async () => {
  const database = await createDatabase(loaded.name)
  const ended = await ask(database, {
    workers: 1,
    onProgress: async ({ done }) => {
      if (done === 3)
        await database.query(`insert into drover.event (run_id, what, detail) values (1, 'row fixed', '{}')`)
    },
  }).catch((error: DroverError) => error)
  expect(ended).toMatchObject({
    code: 'state-refused',
    what: 'Run 1 was changed while it was verified: no verdict was written.',
  })
  expect(await database.query('select state, (select count(*)::int from drover.finding) as n from drover.run')).toEqual(
    [{ state: 'loaded', n: 0 }],
  )
  expect(await ask(database)).toMatchObject({ verdict: 'pass' })
})

test('what was found more than a day ago is asked again', async () => {
  const database = await createDatabase(loaded.name)
  await interrupt(database)
  await database.query(`update drover.verification_part set finished_at = finished_at - interval '25 hours'`)
  const taken: number[] = []
  await ask(database, { onProgress: (progress) => taken.push(progress.taken) })
  expect(taken[0]).toBe(0)
})

test('with other probes at hand it does not go on, but begins anew', async () => {
  const database = await createDatabase(loaded.name)
  await interrupt(database)
  const taken: number[] = []
  await ask(database, {
    probes: new Map([['the app', () => Promise.resolve({ asked: 1, wrong: [] })]]),
    onProgress: (progress) => taken.push(progress.taken),
  })
  expect(taken[0]).toBe(0)
})

test('the plan of an older drover is refused in a sentence', async () => {
  const database = await createDatabase(loaded.name)
  await database.query(`update drover.run set plan = (plan::jsonb - 'checks' - 'allow')::json`)
  expect(await ask(database).catch((error: DroverError) => error)).toMatchObject({
    code: 'state-refused',
    what: 'Run 1 was planned by an older drover, and cannot be verified by this one.',
    remedy: 'Verify it with the drover that planned it.',
  })
})

test('what the server refuses of one check is a fault of it, and the others go on', async () => {
  const database = await createDatabase(loaded.name)
  await database.query('alter table new.people alter id type text using id::text')
  const verification = await ask(database)
  expect(complaintsOf(verification)).toContain('fail columns: –')
  expect(verification.findings.filter(({ check }) => check === 'row comparison')).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({
        mapping: 'patients',
        verdict: 'fail',
        detail: expect.stringMatching(
          /^Row comparison of patients could not be asked, the server refuses it: SQLSTATE 42883/,
        ),
      }),
    ]),
  )
})
