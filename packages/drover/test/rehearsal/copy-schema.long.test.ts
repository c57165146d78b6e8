import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/pg.ts'
import { makeObjects } from '../../src/rehearsal/copy-schema.ts'
import { databaseWith, serverMajorOf } from '../catalog/database.ts'
import { nastySchema } from '../catalog/nasty-schema.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { catalogOf, copied, expectSameSchemas } from './copied.ts'

test('a schema with everything that a catalog can trip over is the same in the copy', async () => {
  const source = await databaseWith([])
  const statements = nastySchema(await serverMajorOf(source))
  for (const statement of statements.slice(0, -1)) await source.query(statement)
  await expect(source.query(statements.at(-1)!)).rejects.toThrow()

  const { copy, schemas, notMade } = await copied(source)

  expect(notMade).toEqual([])
  expect(schemas).toEqual(['Odd.Schema', 'legacy', 'public', 'shared'])
  await expectSameSchemas(source, copy, schemas)
})

const textOf = (url: URL) => readFileSync(url, 'utf8')

test("the dental clinic's schemas are the same in the copy, and row security holds there", async ({ skip }) => {
  const folder = new URL('../../../../examples/dental-clinic/sql/', import.meta.url)
  const source = await createDatabase()
  skip((await serverMajorOf(source)) < 15, 'the target schema needs PostgreSQL 15')
  for (const file of ['legacy-tables', 'migration-input', 'extensions', 'target', 'legacy-foreign-keys']) {
    await source.query(textOf(new URL(`${file}.sql`, folder)))
  }

  const { copy, schemas, notMade } = await copied(source)

  expect(notMade).toEqual([])
  await expectSameSchemas(source, copy, schemas)
  await copy.query(`set role authenticated`)
  expect(await copy.query(`select id from public.clinics`)).toEqual([])
  await expect(copy.query(`select id from public.google_credentials`)).rejects.toMatchObject({ code: '42501' })
})

const cases = new URL('../golden/cases/', import.meta.url)

describe('the schemas of every golden case are the same in the copy', () => {
  let source: TestDatabase
  let into: TestDatabase
  beforeAll(async () => {
    source = await createDatabase()
    into = await createDatabase()
  })

  // To make two databases takes ten times as long as to fill and to compare them.
  const empty = async (database: TestDatabase, schemas: readonly string[]) => {
    const names = schemas.map((schema) => `"${schema}"`)
    await database.query(`drop schema ${names.join(', ')} cascade; create schema public`)
  }

  test.each(readdirSync(cases))('%s', async (name) => {
    await source.query(textOf(new URL(`${name}/schema.sql`, cases)))
    const { copy, schemas, notMade } = await copied(source, { into })
    expect(notMade).toEqual([])
    expect(schemas.length).toBeGreaterThan(1)
    await expectSameSchemas(source, copy, schemas)
    await Promise.all([empty(source, schemas), empty(copy, schemas)])
  })
})

describe('rows between', () => {
  const statements = [
    `create table public.parents (id int4 primary key, name text unique)`,
    `create table public.children (id int4, parent int4, size int4, twice int4 generated always as (size * 2) stored)`,
    `alter table public.children add constraint old_rows foreign key (parent) references public.parents not valid`,
    `alter table public.children add constraint small check (size < 10)`,
    `alter table public.children add constraint positive check (size > 0) not valid`,
    `create unique index children_id on public.children (id)`,
    `create function public.refuse() returns trigger language plpgsql as $$ begin raise 'no' using errcode = 'P0001'; end $$`,
    `create trigger refuse before insert on public.parents for each row execute function public.refuse()`,
    `create materialized view public.sizes as select sum(size)::int4 as size from public.children`,
  ]

  test('are in the way of nothing, not even of constraints that are not valid', async () => {
    const source = await databaseWith(statements)
    const { copy, schemas, notMade } = await copied(source, {
      load: async (loaded) => {
        await loaded.query(`insert into public.children values (1, 99, -1), (2, 1, 5)`)
        await loaded.query(`insert into public.parents values (1, 'one')`)
      },
    })
    expect(notMade).toEqual([])
    await expectSameSchemas(source, copy, schemas)
    expect(await copy.query(`select size from public.sizes`)).toEqual([{ size: 4 }])
    expect(await copy.query(`select twice from public.children order by id`)).toEqual([{ twice: -2 }, { twice: 10 }])
  })

  test('that break a rule leave it out, and it is told without their values', async () => {
    const source = await databaseWith(statements)
    const { copy, notMade } = await copied(source, {
      load: async (loaded) => {
        await loaded.query(`insert into public.parents values (1, 'same'), (1, 'same')`)
        await loaded.query(`insert into public.children values (77, 1, 5000), (77, 1, 5000)`)
      },
    })
    expect(notMade.map(({ object, sqlstate }) => `${object}: ${sqlstate}`)).toEqual([
      'constraint parents_name_key on public.parents: 23505',
      'constraint parents_pkey on public.parents: 23505',
      'index public.children_id: 23505',
      'constraint small on public.children: 23514',
      // It has no key to point at.
      'constraint old_rows on public.children: 42830',
    ])
    expect(JSON.stringify(notMade)).not.toMatch(/same|77|5000/)
    const [children] = (await catalogOf(copy, ['public'])).tables
    expect(children!.constraints.map(({ name, validated }) => [name, validated])).toEqual([['positive', false]])
  })
})

test('what the other server lacks is told, and the rest is made', async () => {
  const source = await databaseWith([
    `create table public.a (id int4 primary key)`,
    `create function public.broken() returns int4 language sql as 'select 1'`,
    `create table public.b (id int4 primary key)`,
    // As a server would have it whose extensions and languages the other one lacks.
    `update pg_extension set extname = 'absent' where extname = 'plpgsql'`,
    `update pg_language set lanname = 'absent' where lanname = 'sql'`,
  ])
  const { copy, schemas, notMade } = await copied(source)
  expect(notMade.map(({ object, sqlstate }) => `${object}: ${sqlstate}`)).toEqual([
    // A file that is missing to servers before PostgreSQL 15.
    expect.stringMatching(/^extension absent: (0A000|58P01)$/),
    'function public.broken(): 42704',
    'owner of routine public.broken(): 42883',
  ])
  await expect(expectSameSchemas(source, copy, schemas)).rejects.toThrow()
  const { tables } = await catalogOf(copy, schemas)
  expect(tables.map(({ name, primaryKey }) => [name, primaryKey])).toEqual([
    ['a', ['id']],
    ['b', ['id']],
  ])
})

test('a statement that the other server cannot even read is told like any other', async () => {
  const database = await createDatabase()
  const to = await openDatabase(database.url)
  try {
    const notMade = await makeObjects(to, [
      { object: 'table public.a', sql: 'create table public.a (id int4)' },
      { object: 'table public.b', sql: 'create table public.b (id int4) in times to come' },
      { object: 'table public.c', sql: 'create table public.c (id int4)' },
    ])
    expect(notMade).toMatchObject([{ object: 'table public.b', sqlstate: '42601' }])
  } finally {
    await to.close()
  }
  expect((await catalogOf(database, ['public'])).tables.map(({ name }) => name)).toEqual(['a', 'c'])
})

test('a statement that was cancelled or found no room says nothing of its object: the copy ends', async () => {
  const database = await createDatabase()
  const to = await openDatabase(database.url)
  const raise = (sqlstate: string) => ({
    object: 'x',
    sql: `do $$ begin raise 'no' using errcode = '${sqlstate}'; end $$`,
  })
  try {
    for (const code of ['57014', '53100', '57P01']) {
      await expect(makeObjects(to, [raise(code)])).rejects.toMatchObject({ code })
    }
  } finally {
    await to.close()
  }
})

test('more objects than fit into one transaction are made', async () => {
  const tables = Array.from({ length: 150 }, (_, number) => `create table public.t${number} (id int4 primary key)`)
  const source = await databaseWith(tables)
  const { copy, notMade } = await copied(source)
  expect(notMade).toEqual([])
  expect((await catalogOf(copy, ['public'])).tables).toHaveLength(150)
})
