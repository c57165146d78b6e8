import { expect, test } from 'vitest'
import { buildPlan } from '../../src/plan/build.ts'
import { catalogOf, databaseWith, migrationOf } from './planned.ts'

const m = migrationOf()

test('a key whose copies the target may take for one keeps its index during the load', async () => {
  const database = await databaseWith(`
    create collation public.alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    create table old.t (id text primary key, n numeric not null unique);
    create table new.same (id text primary key);
    create table new.alike (id text collate public.alike primary key);
    create table new.cut (id varchar(3) primary key);
    create table new.whole (id int primary key)`)
  const catalog = await catalogOf(database)
  const offOf = (to: string, key: 'id' | 'n') => {
    const mapping = m.map('t', {
      from: (db) => db.selectFrom('old.t as t'),
      key: ({ t }) => t[key]!,
      to,
      columns: ({ t }) => ({ id: t[key]! }),
      dropped: [key === 'id' ? 'n' : 'id'],
    })
    const { rebuilds } = buildPlan(m.migration([mapping]), catalog)
    return rebuilds.flatMap(({ objects }) => objects.map(({ kind }) => kind))
  }
  expect(offOf('new.same', 'id')).toEqual(['primary key'])
  expect(offOf('new.alike', 'id')).toEqual([])
  expect(offOf('new.cut', 'id')).toEqual([])
  expect(offOf('new.whole', 'n')).toEqual([])
})
