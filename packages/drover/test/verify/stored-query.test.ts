import { beforeAll, expect, test } from 'vitest'
import { defineMigration, type int4, type int8, sql, type text } from '../../src/index.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { run } from '../../src/run/run.ts'
import type { Finding } from '../../src/verify/verification.ts'
import { type VerifyOptions, verify } from '../../src/verify/verify.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase } from '../support/postgres.ts'

interface Old {
  'old.visits': { id: int4; ward: text }
}

interface New {
  'new.wards': { name: text; visits: int8 }
}

const m = defineMigration<Old, New>({ name: 'wards', cutover: '2025-06-01T00:00:00Z' })
const wards = m.map('wards', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('old.visits as v')
        .select(['v.ward', sql<int8>`count(*)`.as('visits')])
        .groupBy('v.ward')
        .as('w'),
    ),
  key: ({ w }) => w.ward,
  to: 'new.wards',
  targetKey: 'name',
  columns: ({ w }) => ({ name: w.ward, visits: w.visits }),
})

let loaded: string

beforeAll(async () => {
  const database = await createDatabase()
  await database.query(`
    create schema old;
    create table old.visits (id int primary key, ward text not null);
    insert into old.visits select i, 'w' || i % 9 from generate_series(1, 90) as i;
    create schema new;
    create table new.wards (name text primary key, visits bigint not null)`)
  await withDatabase(database.url, async (db) => {
    const catalog = await db.transaction((tx) => readWholeCatalog(tx, ['old', 'new']))
    await run(db, buildPlan(m.migration([wards]), catalog), { allowed: ['unrehearsed', 'drops-indexes'] })
  })
  await database.disconnect()
  loaded = database.name
})

async function findingsAfter(change: string, options: VerifyOptions = {}): Promise<readonly Finding[]> {
  const database = await createDatabase(loaded)
  await database.query(change)
  const { findings } = await withDatabase(database.url, (db) => verify(db, '1', { ...options, recheckAfterMs: 0 }))
  return findings.filter(({ check }) => check === 'stored query')
}

test('one that gives what was stored of it passes, and all of it was asked', async () => {
  expect(await findingsAfter('select')).toMatchObject([{ verdict: 'pass', actual: 'the same 9 rows' }])
})

test.each([
  ['other', `insert into old.visits values (91, 'w3')`, 'w3 (other)'],
  ['new', `insert into old.visits values (91, 'w9')`, 'w9 (new)'],
  ['gone', `delete from old.visits where ward = 'w5'`, 'w5 (gone)'],
])('a row that is %s fails by its key', async (_, change, told) => {
  const findings = await findingsAfter(change)
  expect(findings).toMatchObject([{ verdict: 'fail', mapping: 'wards', actual: '1 row differs' }])
  expect(findings[0]!.detail).toContain(told)
})

test('many are counted, the lowest named', async () => {
  const [finding] = await findingsAfter(`update old.visits set ward = 'x' || ward`)
  expect(finding).toMatchObject({ actual: '18 rows differ' })
  expect(finding!.detail).toMatch(/w0 \(gone\), w1 \(gone\), .* and 13 more/)
})

test('after the cutover it warns, and so does one whose table is gone', async () => {
  expect(await findingsAfter(`delete from old.visits`, { afterCutover: true })).toMatchObject([{ verdict: 'warn' }])
  expect(await findingsAfter(`drop table old.visits`)).toMatchObject([{ verdict: 'warn', actual: null }])
})
