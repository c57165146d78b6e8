import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../src/codes/errors.ts'
import { buildPlan } from '../../src/plan/build.ts'
import { hazardNames } from '../../src/plan/plan.ts'
import { unmergeRow } from '../../src/repair/unmerge.ts'
import { run } from '../../src/run/run.ts'
import { catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/postgres.ts'

const tables = `create table old.items (id int primary key, n int not null);
insert into old.items select i, i from generate_series(0, 9) as i;
create table new.items (id int primary key, n int not null);`

const m = migrationOf('items')
const items = m.map('items', {
  from: (db) => db.selectFrom('old.items as i'),
  key: ({ i }) => i!.id!,
  to: 'new.items',
  columns: ({ i }) => ({ id: i!.id, n: i!.n }),
})

async function carryOut(database: TestDatabase, freeze: 'none' | 'block' = 'none'): Promise<unknown> {
  const plan = buildPlan({ ...m.migration([items]), freeze }, await catalogOf(database))
  return withDatabase(database.url, (db) => run(db, plan, { allowed: hazardNames }))
}

describe('raised for real', () => {
  test('source-busy: another run blocks the source already', async () => {
    const database = await databaseWith(tables)
    await database.query(`create function old.refuse() returns trigger language plpgsql as 'begin return null; end';
create trigger drover_frozen before insert on old.items for each statement execute function old.refuse()`)
    await expect(carryOut(database, 'block')).rejects.toMatchObject({
      code: 'source-busy',
      where: 'table old.items, trigger drover_frozen',
    })
  })

  test('step-failed: an index cannot be made again for the rows that were loaded', async () => {
    const database = await databaseWith(`${tables} create index items_share on new.items ((100 / n));`)
    await expect(carryOut(database)).rejects.toMatchObject({
      code: 'step-failed',
      what: 'The index items_share of new.items could not be made.',
      where: 'table new.items, items_share',
      why: expect.stringContaining('SQLSTATE 22012'),
      remedy: errorCodes['step-failed'].remedy,
    })
  })

  test('merge-missing: the row is no duplicate of another one', async () => {
    const database = await databaseWith(tables)
    await carryOut(database)
    await withDatabase(database.url, async (db) => {
      await expect(unmergeRow(db, '1', { key: '3', mapping: 'items' }, new Map())).rejects.toMatchObject({
        code: 'merge-missing',
        where: 'run 1, mapping items, source key 3',
        remedy: 'See what was merged with drover merges list.',
      })
    })
  })
})
