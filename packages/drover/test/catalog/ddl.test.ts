import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ddl, ownSchemas, readDdl } from '../../src/catalog/ddl/ddl.ts'
import { createDatabase, onServer, type TestDatabase } from '../support/postgres.ts'
import { databaseWith } from './database.ts'
import { tangledSchema } from './ddl-schema.ts'

const ddlOf = async (database: TestDatabase): Promise<Ddl> => readDdl(database.query, await ownSchemas(database.query))

describe('readDdl', () => {
  const role = `test_${randomBytes(6).toString('hex')}`
  const dropRoles = () =>
    onServer((server) => server.query(`drop role if exists ${role}_owner, ${role}_group, "${role} Reader"`))
  let ddl: Ddl
  let copy: TestDatabase

  beforeAll(async () => {
    copy = await createDatabase()
    const source = await databaseWith(tangledSchema(role))
    ddl = await ddlOf(source)
    // The roles go with the database that mentions them, as if the copy were on another server.
    await source.drop()
    await dropRoles()
    await copy.query('set search_path = pg_catalog')
    await copy.query('set check_function_bodies = off')
    for (const { sql } of [...ddl.before, ...ddl.after]) await copy.query(sql)
  })

  afterAll(async () => {
    await copy.drop()
    await dropRoles()
  })

  test('each statement finds what it needs, and the copy tells the same statements', async () => {
    expect(await ddlOf(copy)).toEqual(ddl)
  })

  test('names what each statement makes', () => {
    const objects = [...ddl.before, ...ddl.after].map(({ object }) => object)
    expect(objects).toContain(`role "${role} Reader"`)
    expect(objects).toContain('table shop.customers')
    expect(objects).toContain('function shop.tripled(integer,integer)')
    expect(objects).toContain('constraint "another key" on shop.orders_2024')
    expect(objects).toContain('owner of schema "Apart"')
  })

  test('rows can be loaded before views, keys, checks and triggers', () => {
    const kinds = new Set(ddl.before.map(({ object }) => object.split(' ')[0]))
    expect([...kinds].sort().join(', ')).toBe(
      'aggregate, cast, constraint, default, domain, extension, function, inheritance, partition, procedure, role, ' +
        'schema, sequence, table, text, type',
    )
    const constraints = ddl.before.filter(({ object }) => object.startsWith('constraint'))
    expect(constraints.map(({ object }) => object)).toEqual(['constraint zip_check on domain shop.zip'])
    // It returns rows of a view.
    expect(ddl.after.map(({ object }) => object)).toContain('function shop.find(bigint)')
  })

  test('roles keep their rights and groups, and nobody can be them', async () => {
    const roles = await copy.query(
      `select rolname, rolcanlogin, rolbypassrls, rolinherit,
        array(select roleid::regrole::text from pg_auth_members where member = r.oid order by 1) as groups
      from pg_roles r where rolname like $1 order by rolname`,
      [`${role}%`],
    )
    const plain = { rolcanlogin: false, rolbypassrls: false, rolinherit: true, groups: [] }
    expect(roles).toEqual([
      {
        ...plain,
        rolname: `${role} Reader`,
        rolbypassrls: true,
        rolinherit: false,
        groups: ['pg_monitor', `${role}_group`],
      },
      { ...plain, rolname: `${role}_group` },
      { ...plain, rolname: `${role}_owner` },
    ])
  })

  test('rights and owners are what they were', async () => {
    const reader = `'${role} Reader'`
    const [rights] = await copy.query(`select
      has_table_privilege(${reader}, 'shop.products', 'insert') as insert,
      has_table_privilege(${reader}, 'shop.products', 'delete') as delete,
      has_column_privilege('${role}_group', 'shop.products', 'price', 'update') as price,
      has_function_privilege(${reader}, 'shop.secret()', 'execute with grant option') as secret,
      has_function_privilege('${role}_group', 'shop.secret()', 'execute') as secret_of_all,
      has_function_privilege('${role}_group', 'shop.touch()', 'execute') as touch_of_all,
      has_type_privilege('${role}_group', 'shop.address', 'usage') as address,
      has_schema_privilege('${role}_group', 'public', 'usage') as public,
      (select proowner::regrole::text from pg_proc where proname = 'secret') as secret_owner,
      (select relowner::regrole::text from pg_class where relname = 'products_id_seq') as sequence_owner,
      (select relacl::text like '%=arwDxt%' from pg_class where relname = 'notes') as without_delete`)
    expect(rights).toEqual({
      insert: true,
      delete: false,
      price: true,
      secret: true,
      secret_of_all: false,
      touch_of_all: true,
      address: false,
      public: false,
      secret_owner: `${role}_owner`,
      sequence_owner: `${role}_owner`,
      without_delete: true,
    })
  })

  test('the copy works', async () => {
    await copy.query(`insert into shop.customers (address, good) values (row('x', '12', '{s}'), true), (null, false)`)
    await copy.query(`insert into shop.orders (id, at, customer) values (1, '2024-02-02', 7), (1, '2030-01-01', 10)`)
    await copy.query(`refresh materialized view shop.b_found`)
    expect(await copy.query(`select id, zip, rank from shop.customers order by id`)).toEqual([
      { id: '7', zip: '12!', rank: '0' },
      { id: '10', zip: null, rank: '0' },
    ])
    expect(await copy.query(`select id, three from shop.b_found order by id`)).toEqual([
      { id: '7', three: 3 },
      { id: '10', three: 3 },
    ])
    expect(await copy.query(`select count(*)::int4 as n from only shop.orders_2024`)).toEqual([{ n: 1 }])
    expect(await copy.query(`select zips, n from shop.a_joined`)).toEqual([{ zips: '12!', n: '2' }])
    await copy.query(`insert into shop.products (id, price) values (1, 20)`)
    expect(await copy.query(`select words::text, (price::shop.size)::text as size from shop.products`)).toEqual([
      // Neither dictionary reads a number as a word.
      { words: '', size: 'l' },
    ])
    expect(await copy.query(`call shop.tidy(1)`)).toEqual([{ n: 2 }])
    await expect(
      copy.query(`insert into shop.customers (address) values (row('x', 'ab', null))`),
    ).rejects.toMatchObject({
      code: '23514',
    })
    await expect(copy.query(`insert into shop.orders values (9, '2024-01-01', 99)`)).rejects.toMatchObject({
      code: '23503',
    })
  })
})

test('objects of the ledger and of extensions are left out', async () => {
  const database = await databaseWith([
    `create schema drover`,
    `create table drover.run (id int4)`,
    `create function drover.refuse() returns trigger language plpgsql as $$ begin return null; end $$`,
    `create extension citext schema public`,
    `create table public.t (name public.citext)`,
    `create trigger blocked before insert on public.t for each statement execute function drover.refuse()`,
  ])
  const { before, after } = await ddlOf(database)
  expect(before.map(({ object }) => object)).toEqual([
    'role postgres',
    'schema public',
    'extension citext',
    'extension plpgsql',
    'table public.t',
  ])
  expect(after.map(({ object }) => object)).toEqual([
    'owner of schema public',
    'owner of table public.t',
    'rights on schema public',
    'rights on schema public',
    'rights on schema public',
  ])
})
