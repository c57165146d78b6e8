import { beforeAll, expect, test } from 'vitest'
import { estimateDistinct } from '../../src/check/distinct.ts'
import type { ColumnProfile, Profile } from '../../src/check/profile.ts'
import { renderProfiles } from '../../src/cli/profile-text.ts'
import { constant } from '../../src/index.ts'
import { databaseWith, migrationOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { checkOf } from './checked.ts'

const m = migrationOf()

const people = m.map('people', {
  from: (db) => db.selectFrom('old.people as p').leftJoin('old.towns as t', 't.id', 'p.town'),
  key: ({ p }) => p.id!,
  to: 'new.people',
  columns: ({ p }) => ({ id: p.id!, name: p.name!, kind: constant('x') }),
  dropped: ['email', 'token', 'born', 'paid', 'mood', 'doc', 'seen', 'ref', 'town'],
  secret: ['token'],
  personal: ['email', 'born'],
})
const read = m.map('read', {
  from: (db) => db.selectFrom(db.selectFrom('old.towns as t').select(['t.id', 't.name']).as('s')),
  key: ({ s }) => s.id!,
  to: 'new.towns',
  columns: ({ s }) => ({ id: s.id! }),
})
const migration = m.migration([people, read])

let database: TestDatabase

beforeAll(async () => {
  database = await databaseWith(`
    create type old.mood as enum ('sad', 'glad');
    create table old.towns (id int primary key, name text);
    create table old.people (
      id int primary key, name text, email varchar(80), token text, born date, paid numeric(8, 2), mood old.mood,
      doc jsonb, seen timestamptz, ref uuid, town int
    );
    create table new.people (id int primary key, name text, kind text); create table new.towns (id int primary key);
    insert into old.towns values (1, 'Bern'), (2, 'Basel');
    insert into old.people values
      (1, 'Anna 12', 'a@x.ch', 'tok-1', '1980-02-03', -199.95, 'sad', '{}', '2024-05-06 07:08Z', '5d5b0a3e-0000-4000-8000-000000000001', 1),
      (2, ' Bob', 'B@x.ch', 'tok-2', '1999-12-31', 7, 'glad', '{}', 'infinity', '5d5b0a3e-0000-4000-8000-000000000002', 1),
      (3, 'Eve  Z', null, ' ', null, 7, null, null, null, null, 2),
      (4, '', '', 'tok-2', null, null, null, null, null, null, null),
      (5, e'\\t\\u00a0', 'ä@x.ch ', 'tok-2', null, null, null, null, null, null, null),
      (6, 'Zoë', 'c@x.ch', null, null, null, null, null, null, null, null)`)
})

const profilesOf = (showsValues: boolean) =>
  withDatabase(database.url, async (db) => (await checkOf(db, database, migration, { showsValues })).profiles)

const column = (profiles: readonly Profile[], table: string, name: string) =>
  profiles.find((profile) => profile.table === table)!.columns.find((each) => each.name === name)!

test('every table is profiled once, with exact counts', async () => {
  const profiles = await profilesOf(false)
  expect(profiles.map(({ table, rows }) => [table, Number(rows)])).toEqual([
    ['old.people', 6],
    ['old.towns', 2],
  ])
  const name = column(profiles, 'old.people', 'name')
  expect(name).toMatchObject({ nulls: 0n, blank: 2n, outer: 1n, double: 1n, distinct: 6n, shortest: 0, longest: 7 })
  const counts = ({ nulls, blank, outer, distinct }: ColumnProfile) => [nulls, blank, outer, distinct]
  expect(counts(column(profiles, 'old.people', 'email'))).toEqual([1n, 1n, 1n, 5n])
  expect(counts(column(profiles, 'old.people', 'paid'))).toEqual([3n, null, null, 2n])
})

test('what is shown is masked; of a secret column nothing is', async () => {
  const profiles = await profilesOf(false)
  const shown = (name: string) => {
    const { min, max } = column(profiles, 'old.people', name)
    return [min, max]
  }
  expect(shown('name')).toEqual(['', 'aaa'])
  expect(shown('email')).toEqual(['', 'a@a.aa '])
  expect(shown('born')).toEqual(['1980', '1999'])
  expect(shown('paid')).toEqual(['-999.99', '9.99'])
  expect(shown('mood')).toEqual(['aaa', 'aaaa'])
  expect(shown('seen')).toEqual(['2024', 'Infinity'])
  expect(shown('ref')).toEqual(['9a9a9a9a-9999-9999-9999-999999999999', '9a9a9a9a-9999-9999-9999-999999999999'])
  expect(shown('doc')).toEqual([null, null])
  expect(column(profiles, 'old.people', 'name').shapes).toContainEqual({ shape: ' aaa', rows: 1n })
  expect(column(profiles, 'old.people', 'token')).toEqual({
    ...{ name: 'token', type: 'text', shows: 'counts', nulls: 1n, blank: 1n, outer: 0n, double: 0n },
    ...{ distinct: null, min: null, max: null, shortest: null, longest: null, shapes: [] },
  })
})

test('values are shown where they are asked for, but not personal ones, secrets, and those of a joined table', async () => {
  const profiles = await profilesOf(true)
  const shown = (table: string, name: string) => {
    const { min, max } = column(profiles, table, name)
    return [min, max]
  }
  expect(shown('old.people', 'name')).toEqual(['', 'Zoë'])
  expect(shown('old.people', 'paid')).toEqual(['-199.95', '7.00'])
  expect(shown('old.people', 'email')).toEqual(['', 'a@a.aa '])
  expect(shown('old.people', 'born')).toEqual(['1980', '1999'])
  expect(shown('old.people', 'token')).toEqual([null, null])
  expect(shown('old.towns', 'name')).toEqual(['aaaaa', 'aaaa'])
  const text = JSON.stringify(profiles, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  expect(text).not.toMatch(/tok-|x\.ch|Bern|-02-03/)
})

test('as text, a line for each column', async () => {
  const text = renderProfiles(await profilesOf(false))
  expect(text).toMatch(/^old\.people: 6 rows\ncolumn +null +blank +spaced +distinct +length +looks like$/m)
  expect(text).toMatch(/^token +1 +1 +secret$/m)
  expect(text).toMatch(/^paid +3 +2 +-999\.99 … 9\.99$/m)
  for (const line of text.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(80)
})

test('of a large table, a sample tells of different values', async () => {
  const large = await databaseWith(`
    create table old.large (id int primary key, few text, many text, part int);
    insert into old.large select i, 'f' || i % 7, 'm' || i, i % 20000 from generate_series(1, 60000) as i; analyze old.large;
    create table new.large (id int primary key)`)
  const reading = m.migration([
    m.map('large', {
      from: (db) => db.selectFrom('old.large as l'),
      key: ({ l }) => l.id!,
      to: 'new.large',
      columns: ({ l }) => ({ id: l.id! }),
      dropped: ['few', 'many', 'part'],
    }),
  ])
  await withDatabase(large.url, async (db) => {
    const { profiles } = await checkOf(db, large, reading)
    expect(profiles[0]).toMatchObject({ rows: 60_000n, sampled: 10_000n })
    expect(column(profiles, 'old.large', 'few').distinct).toBe(7n)
    expect(column(profiles, 'old.large', 'many').distinct).toBe(60_000n)
    const part = Number(column(profiles, 'old.large', 'part').distinct)
    expect(part).toBeGreaterThan(15_000)
    expect(part).toBeLessThan(25_000)
    expect(renderProfiles(profiles)).toContain('old.large: 60,000 rows; ≈ and shapes are of a sample of 10,000')
  })
})

// Figures by hand: n·d / (n − f1 + f1·n/N).
test.each([
  [{ values: 1000n, sampled: 100n, found: 40n, once: 20n }, 49n],
  [{ values: 1000n, sampled: 100n, found: 100n, once: 100n }, 1000n],
  [{ values: 1000n, sampled: 100n, found: 10n, once: 0n }, 10n],
  [{ values: 50n, sampled: 50n, found: 30n, once: 20n }, 30n],
])('the number of different values is estimated: %o gives %s', (sample, expected) => {
  expect(estimateDistinct(sample)).toBe(expected)
})
