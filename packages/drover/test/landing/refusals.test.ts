import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/db/pg.ts'
import { dropLanded } from '../../src/landing/drop.ts'
import { requireLanded } from '../../src/landing/require-landed.ts'
import { withDatabase } from '../run/fixture.ts'
import type { TestDatabase } from '../support/connect.ts'
import { createDatabase } from '../support/postgres.ts'
import { beforeProof, createPair, emptied, landed, many } from './landed.ts'

let source: TestDatabase
let target: TestDatabase

beforeAll(async () => {
  ;({ source, target } = await createPair())
})

beforeEach(() => emptied({ source, target }))

const small = `create schema old; create table old.a (id int primary key); insert into old.a values (1);`

describe('a landing is refused, and nothing is made,', () => {
  it.each([
    [
      'a partitioned table of the same name is there',
      small,
      'create schema old; create table old.a (id int) partition by hash (id)',
      'old.a is a table of this database',
    ],
    [
      'a table of the same name is there',
      small,
      'create schema old; create table old.a ()',
      'old.a is a table of this database',
    ],
    [
      'a type needs an extension that is not there',
      `create schema old; create extension citext; create table old.a (id citext)`,
      '',
      'the type citext needs the extension citext: create extension citext',
    ],
    [
      'a type can only be made by hand',
      `create schema old; create type old.span as range (subtype = int8); create table old.a (s old.span)`,
      '',
      'the type old.span has to be made by whoever made it at the source',
    ],
    [
      'an enum has other values',
      `create schema old; create type old.mood as enum ('glad'); create table old.a (m old.mood)`,
      `create schema old; create type old.mood as enum ('sad')`,
      'the enum old.mood has other values here than at the source',
    ],
  ])('where %s', async (_, there, here, finding) => {
    await source.query(there)
    await target.query(`${here};`)
    await expect(landed({ source, target })).rejects.toMatchObject({ code: 'landing-refused', findings: [finding] })
    expect(await target.query('select from drover.landing')).toEqual([])
    expect(await target.query('select from drover.landing_generation')).toEqual([])
  })

  it('where what is named is not at the source', async () => {
    await source.query(small)
    const selection = { schemas: ['olt'], tables: [{ schema: 'old', name: 'b' }] }
    await expect(landed({ source, target }, { selection })).rejects.toMatchObject({
      code: 'object-missing',
      findings: ['the schema olt holds no table', 'there is no table old.b'],
    })
  })

  it('where two tables would have one name', async () => {
    await source.query(`${small} create schema other; create table other.a ()`)
    const options = { as: new Map([['other', 'old']]), selection: { schemas: ['old', 'other'], tables: [] } }
    await expect(landed({ source, target }, options)).rejects.toMatchObject({
      code: 'usage-invalid',
      findings: ['old.a and other.a as old.a'],
    })
  })

  it('where the name has landed from elsewhere', async () => {
    const other = await createDatabase()
    await source.query(small)
    await other.query(small)
    await landed({ source, target })
    await expect(landed({ source: other, target })).rejects.toMatchObject({ code: 'landing-refused' })
  })

  it('while another process lands', async () => {
    await source.query(small)
    let other: Promise<unknown> | undefined
    const onEvent = () => {
      other ??= landed({ source, target }).catch((thrown: unknown) => thrown)
    }
    await landed({ source, target }, { onEvent })
    // It may have come a moment too late, when all was done.
    const came = (await other) as { code?: string; hadLanded?: number }
    expect(came.code ?? came.hadLanded).toEqual(came.code === undefined ? 1 : 'landing-busy')
  })
})

describe('what differs', () => {
  it('is told; nobody may read it, and it lands anew', async () => {
    await source.query(`create schema old; ${many('old.a', 200)}`)
    const spoilt = landed(
      { source, target },
      beforeProof(() => target.query(`insert into old.a values (-1, 'mine')`)),
    )
    await expect(spoilt).rejects.toMatchObject({
      code: 'landing-differs',
      why: 'the source holds 200 rows, 201 have landed',
    })
    await withDatabase(target.url, async (db) => {
      await expect(requireLanded(db, ['old.a'])).rejects.toMatchObject({ code: 'landing-incomplete' })
      await expect(requireLanded(db, ['old.b'])).resolves.toBeUndefined()
      await landed({ source, target })
      await expect(requireLanded(db, ['old.a'])).resolves.toBeUndefined()
    })
    expect(await target.query('select count(*)::int as n from old.a')).toEqual([{ n: 200 }])
  })

  it.each([
    ['binary', 'numeric', '1.0', '1.00'],
    ['text', 'regclass', 'pg_class', 'pg_proc'],
    ['binary', 'text', 'null', ''],
  ])('in one value of one row shows, where rows go as %s: %s', async (_, type, value, other) => {
    const as = (text: string) => (text === 'null' ? text : `'${text}'`)
    await source.query(`create schema old; create table old.a (n ${type}); insert into old.a values (${as(value)})`)
    const spoiling = beforeProof(() => target.query(`update old.a set n = ${as(other)}`))
    await expect(landed({ source, target }, spoiling)).rejects.toMatchObject({
      code: 'landing-differs',
      why: 'the rows are as many, and their digests differ',
    })
  })

  it('in how the values of two rows belong together shows', async () => {
    await source.query(`create schema old; create table old.a (a int, b int); insert into old.a values (1, 2), (3, 4)`)
    const spoiling = beforeProof(() => target.query(`update old.a set b = 6 - b`))
    await expect(landed({ source, target }, spoiling)).rejects.toMatchObject({ code: 'landing-differs' })
  })
})

describe('dropping', () => {
  it('takes tables, types and schemas away that were made, and no others', async () => {
    await source.query(`create schema old; create schema elder; create type old.mood as enum ('glad');
      create type old.pair as (mood old.mood); create table old.a (p old.pair); create table elder.b ()`)
    await target.query('create schema elder; create table elder.mine ()')
    await landed({ source, target }, { selection: { schemas: ['old', 'elder'], tables: [] } })
    const db = await openDatabase(target.url)
    expect(await dropLanded(db, () => true)).toEqual(['elder.b', 'old.a'])
    await db.close()
    const left =
      await target.query(`select nspname, (select count(*)::int from pg_type where typnamespace = n.oid and typtype <> 'b') as types
      from pg_namespace as n where nspname in ('old', 'elder')`)
    expect(left).toEqual([{ nspname: 'elder', types: 1 }])
    expect(await target.query('select from drover.landing')).toEqual([])
  })
})
