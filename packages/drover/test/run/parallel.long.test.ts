import { beforeAll, expect, test } from 'vitest'
import { run } from '../../src/run/run.ts'
import { digest, ledgerAccount } from '../support/digest.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { allowed, fill, planFor, schema, withDatabase } from './fixture.ts'

let template: TestDatabase

beforeAll(async () => {
  template = await createDatabase()
  await template.query(schema + fill(60, 6000))
})

async function migrated(workers: number, rowsPerChunk: number) {
  const database = await createDatabase()
  await database.query(schema + fill(60, 6000))
  await withDatabase(database.url, async (db) => {
    const outcome = await run(db, await planFor(db), { workers, rowsPerChunk, allowed })
    expect(outcome.state).toBe('loaded')
  })
  return { target: await digest(database, ['new']), ledger: await ledgerAccount(database), database }
}

// I7
test('one worker and four, chunks of 100 rows and of 50,000: one target, one account', async () => {
  const [reference, ...others] = [
    await migrated(1, 50_000),
    await migrated(4, 100),
    await migrated(1, 100),
    await migrated(4, 50_000),
    await migrated(3, 777),
  ]
  for (const other of others) {
    expect(other.target).toEqual(reference!.target)
    expect(other.ledger).toEqual(reference!.ledger)
  }
  const [counts] = await reference!.database.query('select count(*)::int as n from new.visits')
  expect(counts!.n).toBeGreaterThan(5000)
})

test('the source is what it was', async () => {
  const before = await digest(template, ['old'])
  const { database } = await migrated(2, 500)
  expect(await digest(database, ['old'])).toEqual(before)
})
