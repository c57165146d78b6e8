import { beforeAll, expect, test } from 'vitest'
import type { CheckContext } from '../../src/verify/check.ts'
import { conservation } from '../../src/verify/conservation.ts'
import { readSubjects } from '../../src/verify/subjects.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { createLoadedDatabase, withDatabase } from './fixture.ts'

let loaded: TestDatabase

beforeAll(async () => {
  loaded = await createLoadedDatabase()
})

async function findingAfter(change: string) {
  const database = await createDatabase(loaded.name)
  if (change !== '') await database.query(change)
  return withDatabase(database.url, (db) =>
    db.transaction(async (tx) => {
      const { mappings } = await readSubjects(tx, '1')
      const patients = mappings.find(({ mapping }) => mapping.name === 'patients')!
      const [finding] = await conservation.run(tx, patients, {} as CheckContext)
      return finding
    }),
  )
}

test('the rows are counted before the first chunk, by the chunks and when the mapping is closed', async () => {
  expect(await findingAfter('')).toMatchObject({
    verdict: 'pass',
    expected: 'before 100, read 100, disposed of 100',
    actual: 'before 100, read 100, disposed of 100',
  })
})

test('rows that came during the run, and that the chunks have met, warn', async () => {
  expect(await findingAfter(`update drover.step set source_rows_before = 99`)).toMatchObject({
    verdict: 'warn',
    detail:
      'The source held 99 rows before the first chunk and 100 when the mapping was closed: rows came or went during the run.',
  })
})

test('rows that no chunk has met fail', async () => {
  expect(await findingAfter(`update drover.step set source_rows = 101`)).toMatchObject({
    verdict: 'fail',
    expected: 'before 100, read 101, disposed of 101',
    actual: 'before 100, read 100, disposed of 100',
  })
})

test('of a run that an older drover began, what was not counted is not told', async () => {
  expect(await findingAfter(`update drover.step set source_rows_before = null`)).toMatchObject({
    verdict: 'pass',
    expected: 'read 100, disposed of 100',
  })
})
