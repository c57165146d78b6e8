import { expect, test } from 'vitest'
import { blockingKinds } from '../../src/duplicates/blocking.ts'
import { subjectOfMapping } from '../../src/duplicates/subject.ts'
import { suggestDuplicates } from '../../src/duplicates/suggest.ts'
import type { Suggestion, SuggestOptions } from '../../src/duplicates/suggestion.ts'
import type { MigrationDefinition } from '../../src/index.ts'
import { catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/postgres.ts'

const m = migrationOf()

const people = (options: { readonly secret?: readonly string[]; readonly personal?: readonly string[] } = {}) =>
  m.migration([
    m.map('people', {
      from: (db) => db.selectFrom('old.people as p'),
      key: ({ p }) => p.id!,
      where: ({ p }) => p.active!,
      to: 'new.people',
      columns: ({ p }) => ({ id: p.id!, name: p.name! }),
      dropped: ['city', 'email', 'phone', 'token'],
      ...options,
    }),
  ])

/** Pairs of rows that are one person, and people who share a name or a city. */
const tables = `
create table old.people (
  id text primary key, name text, city text, email text, phone text, token text, active bool not null default true
);
create table new.people (id text primary key, name text);
insert into old.people (id, name, city, email, phone, token) values
  ('a1', 'Marianne Oberhauser', 'Rosenheim', 'm.oberhauser@mail.test', '+49 8031 123456', 'same'),
  ('a2', 'OBERHAUSER, Marianne', 'Rosenheim', 'm.oberhauser@mail.test', '08031/123456', 'same'),
  ('b1', 'Jérôme Lefèvre', 'Nîmes', 'jerome.lefevre@post.test', null, 'same'),
  ('b2', 'Jerome  Lefevre', 'Nimes', 'jerome.lefevre@post.test', null, 'same'),
  ('b3', 'Jerome Lefebvre', 'Nimes', 'jerome.lefevre@post.test', '0466 998877', 'same'),
  ('c1', 'Katarzyna Wisniewska', 'Gdansk', null, '555 010 22 33', 'same'),
  ('c2', 'Katarzyna Wisneiwska', 'Gdansk', null, '(555) 010-2233', 'same');
insert into old.people (id, name, city, email, token)
select 'n' || i, initcap(left(md5('n' || i), 6)) || ' ' || initcap(left(md5('m' || i), 8)), 'Town ' || md5((i % 40)::text),
  left(md5('e' || i), 9) || '@' || 'mail.test', 'same'
from generate_series(1, 400) as i;
insert into old.people (id, name, city, email, active) values
  ('x1', 'Gone Person', 'Nowhere', 'gone@mail.test', false), ('x2', 'Gone Person', 'Nowhere', 'gone@mail.test', false);
analyze old.people;`

const compared = { columns: ['name', 'city', 'email', 'phone'] }

async function suggest(
  database: TestDatabase,
  options: SuggestOptions,
  migration: MigrationDefinition = people(),
): Promise<Suggestion> {
  const subject = subjectOfMapping(migration, 'people', await catalogOf(database))
  return withDatabase(database.url, (db) => suggestDuplicates(db, subject, options))
}

const keysOf = ({ clusters }: Suggestion) => clusters.map(({ rows }) => rows.map(({ key }) => key).join(' ')).toSorted()

test('rows that are written differently are found, whatever compares them', async () => {
  const database = await databaseWith(tables)
  const own = await suggest(database, compared)
  expect(own).toMatchObject({ scorer: 'bigrams', rows: 407, clusterCount: 3, rowsInClusters: 7, notCompared: [] })
  expect(keysOf(own)).toEqual(['a1 a2', 'b1 b2 b3', 'c1 c2'])
  expect(own.columns.map(({ form }) => form)).toEqual(['text', 'text', 'email', 'digits'])
  expect(own.holdingPairs.map((pair) => pair[0])).toEqual(['a1', 'b1', expect.stringMatching(/^b[12]$/), 'c1'])
  // The extension may lie in any schema; that is not on the search path.
  await database.query('create schema tools; create extension pg_trgm schema tools')
  const trigrams = await suggest(database, compared)
  expect(trigrams.scorer).toBe('pg_trgm')
  expect(keysOf(trigrams)).toEqual(keysOf(own))
  const { clusters } = trigrams
  const [one] = await database.query<{ s: number }>(
    `select tools.similarity('jerome lefevre', 'jerome lefebvre')::float8 as s`,
  )
  const likeness = (2 * one!.s) / (1 + one!.s)
  const weights = trigrams.columns.map(({ weight }) => weight)
  const known = weights[0]! + weights[1]! + weights[2]!
  // b3 lies as far from b1 as from b2: the phone, which they lack, is left out.
  const expected = (likeness * weights[0]! + weights[1]! + weights[2]!) / known
  expect(clusters.find(({ size }) => size === 3)!.weakestLink).toBeCloseTo(expected, 3)
})

test('columns are chosen by what they tell; secret ones are neither chosen nor taken', async () => {
  const database = await databaseWith(tables)
  const secret = people({ secret: ['email', 'token'] })
  const chosen = await suggest(database, {}, secret)
  expect(chosen.columns.map(({ name }) => name)).toEqual(['name', 'city'])
  await expect(suggest(database, { columns: ['name', 'email'] }, secret)).rejects.toMatchObject({
    code: 'usage-invalid',
    what: 'The migration keeps email secret: it is not compared.',
  })
  await expect(suggest(database, { columns: ['nmae'] }, secret)).rejects.toMatchObject({
    what: 'The table has no column nmae.',
    remedy: 'Name some of: id, name, city, phone, active.',
  })
})

test('values are masked, and personal ones stay so', async () => {
  const database = await databaseWith(tables)
  const secrets = /Oberhauser|Marianne|Jerome|mail\.test|Rosenheim/i
  const masked = await suggest(database, compared)
  expect(JSON.stringify(masked)).not.toMatch(secrets)
  expect(masked.clusters.flatMap(({ rows }) => rows).find(({ key }) => key === 'a2')!.cells[0]).toEqual({
    column: 'name',
    value: 'aaaaaaaaaa, aaaaaaaa',
    isMasked: true,
  })
  const shown = await suggest(
    database,
    { ...compared, showsValues: true },
    people({ personal: ['name', 'email', 'phone'] }),
  )
  expect(JSON.stringify(shown)).not.toMatch(/Oberhauser|Jerome|mail\.test/i)
  expect(JSON.stringify(shown)).toContain('Rosenheim')
})

test('a block that is too large is told, with a row of it, and others are compared', async () => {
  const database = await databaseWith(tables)
  const options = { columns: ['name', 'city'], maxPairs: 60 }
  const { notCompared, pairs, clusters } = await suggest(database, options)
  expect(pairs.compared).toBeLessThanOrEqual(60)
  const city = notCompared.find(({ key }) => key === 'words(city)')!
  // Forty towns of ten people each.
  expect(city).toMatchObject({ blocks: 40, pairs: 40 * 45, largest: 10 })
  expect(city.example.cells[1]!.value).toMatch(/^aaaa [a9]{32}$/)
  expect(clusters.length).toBeGreaterThan(0)
  const all = await suggest(database, { columns: ['name', 'city'] })
  expect(all.notCompared).toEqual([])
  expect(all.pairs.compared).toBeGreaterThanOrEqual(40 * 45)
})

test.each(blockingKinds)('%s can be the only key', async (kind) => {
  const database = await databaseWith(tables)
  const { pairs } = await suggest(database, { columns: ['name', 'city'], keys: [kind] })
  expect(pairs.compared).toBeGreaterThan(0)
})

test('a score above every pair finds nothing', async () => {
  const database = await databaseWith('create table old.people (id int primary key, name text, active bool);')
  await database.query(`create table new.people (id int primary key, name text)`)
  const empty = await suggest(database, { columns: ['name'] })
  expect(empty).toMatchObject({ rows: 0, clusterCount: 0, clusters: [], holdingPairs: [], pairs: { compared: 0 } })
})

test('a row without a key cannot be named, and is left out', async () => {
  const database = await databaseWith(`
    create table old.people (id int, name text, active bool default true);
    create table new.people (id int primary key, name text);
    insert into old.people values (1, 'Marianne Oberhauser'), (2, 'Marianne Oberhauser'), (null, 'Marianne Oberhauser')`)
  const { rows, clusters } = await suggest(database, { columns: ['name'] })
  expect({ rows, keys: clusters[0]!.rows.map(({ key }) => key) }).toEqual({ rows: 2, keys: ['1', '2'] })
})

test('an identity is suggested where it merges the same rows, and none where it does not', async () => {
  const database = await databaseWith(tables)
  const options = { columns: ['name', 'city'], findsIdentity: true }
  expect((await suggest(database, options)).identity).toBeNull()
  await database.query(`
    insert into old.people (id, name, city, email)
    select 'd' || id, upper(name), city, ' ' || upper(email) from old.people where id like 'n%'`)
  expect((await suggest(database, options)).identity).toMatchObject({
    columns: ['name'],
    text: 'identity: ({ p }) => [fold(p.name)],',
  })
})

test('the server lets the comparison write nothing', async () => {
  const database = await databaseWith(tables)
  // What the column reads would write, if it could.
  await database.query(`
    create table old.seen (n int);
    create function old.name_of(text) returns text language plpgsql as $$ begin insert into old.seen values (1); return $1; end $$;
    alter table old.people rename to stored;
    create view old.people as
      select id, old.name_of(name) as name, city, email, phone, token, active from old.stored`)
  await expect(suggest(database, compared)).rejects.toMatchObject({ code: 'statement-failed', why: /25006/ })
  expect(await database.query('select * from old.seen')).toEqual([])
})
