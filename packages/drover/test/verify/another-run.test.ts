import { expect, test } from 'vitest'
import { verify } from '../../src/verify/verify.ts'
import { carryOut, databaseWith, migrationOf } from '../plan/planned.ts'
import { withDatabase } from './fixture.ts'

test('rows that another run carried into the same table are told as such, and any other that was added fails', async () => {
  const database = await databaseWith(`
    create table old.a (id int primary key);
    create table old.b (id int primary key);
    insert into old.a values (1), (2);
    insert into old.b values (11), (12), (13);
    create table new.parts (id int primary key);`)
  const carry = (table: 'a' | 'b') => {
    const m = migrationOf(`from-${table}`)
    const parts = m.map(`parts_${table}`, {
      from: (db) => db.selectFrom(`old.${table} as p`),
      key: ({ p }) => p.id!,
      to: 'new.parts',
      columns: ({ p }) => ({ id: p.id! }),
    })
    return carryOut(database, m.migration([parts]))
  }
  const targetRows = async () => {
    const { findings } = await withDatabase(database.url, (db) => verify(db, '1', { recheckAfterMs: 0 }))
    return findings.find(({ check }) => check === 'target rows')!
  }
  await carry('a')
  await carry('b')
  expect(await targetRows()).toMatchObject({
    verdict: 'warn',
    detail: expect.stringMatching(/: 3 rows were added since, by another run[.]$/),
  })
  await database.query('insert into new.parts values (99)')
  expect(await targetRows()).toMatchObject({
    verdict: 'fail',
    detail: expect.stringContaining('4 rows were added since'),
  })
})
