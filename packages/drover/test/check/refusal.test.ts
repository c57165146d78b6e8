import { fileURLToPath } from 'node:url'
import type { Kysely } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { findRefusals } from '../../src/check/refusal.ts'
import { makeCheck, makePlan, makeRunnablePlan } from '../../src/cli/make-plan.ts'
import type { Database } from '../../src/db/connection.ts'
import { type Expression, lookup, type MigrationDefinition, sql } from '../../src/index.ts'
import { buildProbes } from '../../src/plan/build.ts'
import { type Anything, catalogOf, databaseWith, migrationOf } from '../plan/planned.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let catalog: Catalog

beforeAll(async () => {
  database = await databaseWith(`
    create function public.twice(text) returns text language sql as 'select $1 || $1';
    create table old.t (id int primary key, n int not null, words text);
    insert into old.t values (1, 1, 'a secret'), (2, 2, 'another');
    create table new.t (id int primary key, words text, uid uuid);
    create table new.u (id int primary key, words text);
    create table new.sums (id int primary key, words text)`)
  catalog = await catalogOf(database)
})

const m = migrationOf()
type Builder = Kysely<Anything>
type Row = Readonly<Record<string, Expression<string>>>

const mapping = (name: string, columns: (row: Row) => unknown, changes = {}) =>
  m.map(name, {
    from: (db: Builder) => db.selectFrom('old.t as t'),
    key: ({ t }: { t: Row }) => t.id,
    to: 'new.t',
    columns: ({ t }: { t: Row }) => ({ id: t.id, ...(columns(t) as object) }),
    dropped: ['n', 'words'],
    ...changes,
  } as never)

const refusals = (migration: MigrationDefinition) =>
  withDatabase(database.url, (db) => findRefusals(db, buildProbes(migration, catalog)))

test('what the server can plan is not refused', async () => {
  const right = mapping('t', ({ words, id }) => ({ words: sql`public.twice(${words})`, uid: sql`md5(${id}::text)` }))
  expect(await refusals(m.migration([right]))).toEqual([])
})

test('every mapping that it cannot is told, each with the SQLSTATE and the place', async () => {
  const unknown = mapping('unknown', ({ words }) => ({ words: sql`nofunc(${words})` }))
  const unqualified = mapping('unqualified', ({ words }) => ({ words: sql`'x' || twice(${words})` }))
  const mistyped = mapping('mistyped', ({ n }) => ({
    // Characters of two units each, which the server counts as one.
    words: sql.lit('🐘'.repeat(60)),
    uid: sql`${n} + 1`,
  }))
  const condition = mapping('condition', () => ({}), { where: ({ t }: { t: Row }) => sql`${t.words} = ${t.n}` })
  const query = mapping('query', ({ words }) => ({ words }), {
    from: (db: Builder) => db.selectFrom(db.selectFrom('old.t as x').select(['x.id', 'x.wrds as words']).as('t')),
  })
  const name = 'If it lies outside pg_catalog, name it with its schema: public.f(x).'
  expect(await refusals(m.migration([unknown, unqualified, mistyped, condition, query]))).toEqual([
    `mapping unknown: the server refuses its expressions: SQLSTATE 42883, the function does not exist, function nofunc(text) does not exist. It is in (nofunc("t"."words"))::text as "words". ${name}`,
    `mapping unqualified: the server refuses its expressions: SQLSTATE 42883, the function does not exist, function twice(text) does not exist. It is in ('x' || twice("t"."words"))::text as "words". ${name}`,
    'mapping mistyped: the server refuses its expressions: SQLSTATE 42846, cannot cast type integer to uuid. It is in ("t"."n" + 1)::uuid as "uid".',
    expect.stringMatching(
      /^mapping condition: .* SQLSTATE 42883, .* operator does not exist: text = integer\. It is in /,
    ),
    expect.stringMatching(/^mapping query: .* SQLSTATE 42703, .* column x\.wrds does not exist\. It is in /),
  ])
})

test('a constant that cannot be read is told without it: its message would quote it', async () => {
  const [refusal] = await refusals(m.migration([mapping('t', () => ({ uid: sql`'a secret'` }))]))
  expect(refusal).toMatch(/SQLSTATE 22P02, text that the type cannot read\. It is in/)
  expect(refusal).not.toContain('invalid input')
})

test('a mapping is told for what is wrong in it, not for what is wrong in those that it depends on', async () => {
  const parent = mapping('parent', ({ words }) => ({ words: sql`nofunc(${words})` }))
  const child = mapping('child', ({ id }) => ({ words: lookup(id!, parent, 'words' as never) }), { to: 'new.u' })
  const told = await refusals(m.migration([parent, child]))
  expect(told.map((each) => each.split(':')[0])).toEqual(['mapping parent'])
})

test('rows that are derived are judged as well', async () => {
  const parent = mapping('parent', ({ words }) => ({ words }))
  const sums = (words: Expression<unknown>) =>
    m.derive('sums', {
      from: (db: Builder) => db.selectFrom('new.t as t'),
      key: ({ t }: { t: Row }) => t.id,
      to: 'new.sums',
      columns: ({ t }: { t: Row }) => ({ id: t.id, words }),
    } as never)
  expect(await refusals(m.migration([parent, sums(sql`upper(t.words)`)]))).toEqual([])
  expect(await refusals(m.migration([parent, sums(sql`nofunc(t.words)`)]))).toEqual([
    expect.stringMatching(/^mapping sums: .*42883/),
  ])
})

test.each<[string, (db: Database, file: string) => Promise<unknown>]>([
  ['plan', makePlan],
  ['run', makeRunnablePlan],
  ['check', (db, file) => makeCheck(db, file, { showsValues: false })],
])('drover %s refuses such a migration as one that cannot be planned', async (_, make) => {
  const file = fileURLToPath(new URL('./fixtures/unknown-function.ts', import.meta.url))
  await expect(withDatabase(database.url, (db) => make(db, file))).rejects.toMatchObject({
    code: 'definition-invalid',
    findings: [expect.stringMatching(/^mapping t: the server refuses its expressions: SQLSTATE 42883, /)],
  })
})

test('where the role may not read, the server says nothing of the expressions', async () => {
  const role = `reader_${database.name}`
  await database.query(`create role ${role}`)
  const wrong = m.migration([mapping('t', ({ words }) => ({ words: sql`nofunc(${words})` }))])
  const right = m.migration([mapping('t', ({ words }) => ({ words }))])
  const as = (migration: MigrationDefinition) =>
    withDatabase(`${database.url}?options=-crole%3D${role}`, (db) => findRefusals(db, buildProbes(migration, catalog)))
  try {
    expect(await as(right)).toEqual([])
    expect(await as(wrong)).toEqual([])
  } finally {
    await database.query(`drop role ${role}`)
  }
})
