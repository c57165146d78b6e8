import { beforeAll, expect, test } from 'vitest'
import type { DroverError } from '../../src/error.ts'
import { type VerificationProgress, type VerifyOptions, verify } from '../../src/verify/verify.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from './fixture.ts'

let loaded: TestDatabase

// Of every class, at the bounds of slices and within them: 100 patients in slices of 20, whose keys run p1, p10, p100, p11.
const faults = `
  update new.people set name = name || '!' where name ~ '[37]$';
  delete from new.people where name in ('Patient 1', 'Patient 99');
  delete from old.patients where id in ('p22', 'p58');
  insert into old.patients values ('a', null, 'First', 'f'), ('zzz', null, 'Last', 'm');
  insert into drover.transaction (run_id) values (1);
  update drover.crosswalk_patients set disposition = 'excluded' where source_key = 'p61'`

beforeAll(async () => {
  loaded = await createLoadedDatabase()
  await loaded.query(faults)
  await loaded.disconnect()
})

async function comparisonsOf(database: TestDatabase, options: VerifyOptions) {
  const progress: VerificationProgress[] = []
  const { findings } = await withDatabase(database.url, (db) =>
    verify(db, '1', { recheckAfterMs: 0, ...options, onProgress: (state) => progress.push(state) }),
  )
  return { findings: findings.filter(({ check }) => check === 'row comparison'), progress }
}

test('a mapping in slices has the findings of the mapping as a whole', async () => {
  const whole = await comparisonsOf(await createDatabase(loaded.name), {})
  const sliced = await comparisonsOf(await createDatabase(loaded.name), { rowsPerSlice: 20 })
  expect(whole.findings.filter(({ verdict }) => verdict === 'fail')).toHaveLength(2)
  expect(sliced.findings).toEqual(whole.findings)
  const slices = sliced.progress.flatMap(({ part }) => (part?.includes('slice') ? [part] : []))
  expect(slices.sort()).toEqual([1, 2, 3, 4, 5].map((number) => `row comparison of patients, slice ${number} of 5`))
})

test('a slice that is done is not done again when an interrupted verification goes on', async () => {
  const database = await createDatabase(loaded.name)
  const expected = await comparisonsOf(await createDatabase(loaded.name), { rowsPerSlice: 20 })
  const interruption = new AbortController()
  const options: VerifyOptions = { rowsPerSlice: 20, recheckAfterMs: 0, workers: 1 }
  const interrupted = await withDatabase(database.url, (db) =>
    verify(db, '1', {
      ...options,
      signal: interruption.signal,
      onProgress: ({ part }) => part?.endsWith('slice 2 of 5') && interruption.abort(),
    }).catch((error: DroverError) => error),
  )
  expect(interrupted).toMatchObject({ code: 'interrupted' })
  const { findings, progress } = await comparisonsOf(database, options)
  expect(progress.map(({ part }) => part)).not.toContain('row comparison of patients, slice 2 of 5')
  expect(progress.map(({ part }) => part)).toContain('row comparison of patients, slice 3 of 5')
  expect(findings).toEqual(expected.findings)
})

test('slices of another size are others: the verification begins anew', async () => {
  const database = await createDatabase(loaded.name)
  const interruption = new AbortController()
  await withDatabase(database.url, (db) =>
    verify(db, '1', {
      rowsPerSlice: 20,
      recheckAfterMs: 0,
      signal: interruption.signal,
      onProgress: ({ part }) => part?.endsWith('slice 1 of 5') && interruption.abort(),
    }).catch(() => {}),
  )
  const { progress } = await comparisonsOf(database, { rowsPerSlice: 50 })
  expect(progress[0]).toMatchObject({ taken: 0 })
})
