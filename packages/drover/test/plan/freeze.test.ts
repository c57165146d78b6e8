import { expect, test } from 'vitest'
import { buildPlan } from '../../src/plan/build.ts'
import { catalogOf, databaseWith, migrationOf } from './planned.ts'

test('writes to a partition that is read by itself and as a part are blocked once', async () => {
  const database = await databaseWith(`
    create table old.p (id int primary key) partition by range (id);
    create table old.p1 partition of old.p for values from (0) to (100);
    create table new.a (id int primary key); create table new.b (id int primary key)`)
  const blocking = migrationOf()
  const of = (name: string, from: string) =>
    blocking.map(name, {
      from: (db: { selectFrom: (table: string) => unknown }) => db.selectFrom(`${from} as t`),
      key: ({ t }: { t: { id: unknown } }) => t.id,
      to: `new.${name}`,
      columns: ({ t }: { t: { id: unknown } }) => ({ id: t.id }),
    } as never)
  const definition = { ...blocking.migration([of('a', 'old.p'), of('b', 'old.p1')]), freeze: 'block' as const }
  const { freeze } = buildPlan(definition, await catalogOf(database))
  expect(freeze.tables.map(({ name }) => name)).toEqual(['p', 'p1'])
})
