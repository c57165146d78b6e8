import { describe, expect, test } from 'vitest'
import { type Catalog, elementTypeOf, findTable, isUniqueOn, qualifiedName } from '../../src/catalog/catalog.ts'
import { readCatalog } from '../../src/catalog/read.ts'
import { databaseWith } from './database.ts'

describe('names', () => {
  test('a plain name is schema and name with a dot', () => {
    expect(qualifiedName({ schema: 'public', name: 'Order "Items"' })).toBe('public.Order "Items"')
  })

  test('tables whose names hold dots never share a qualified name', () => {
    expect(qualifiedName({ schema: 'a', name: 'b.c' })).toBe('a."b.c"')
    expect(qualifiedName({ schema: 'a.b', name: 'c' })).toBe('"a.b".c')
  })

  test('the element of an array type', () => {
    expect(elementTypeOf('public.status[]')).toBe('public.status')
    expect(elementTypeOf('uuid')).toBe('uuid')
  })
})

describe('isUniqueOn', () => {
  const statements = [
    `create table public.t (id int4 primary key, a int4, b int4, c int4, d int4, e int4, f int4, g int4, unique (a, b))`,
    `create unique index on public.t (c) where c > 0`,
    `create unique index on public.t (lower(d::text))`,
    `create unique index on public.t (e) include (f)`,
    `create index on public.t (f)`,
    `create unique index broken on public.t (g)`,
    `update pg_index set indisvalid = false where indexrelid = 'public.broken'::regclass`,
    `create table public.parent (id int4 unique)`,
    `create table public.child () inherits (public.parent)`,
    `create table public.parted (id int4 unique) partition by hash (id)`,
    `create table public.part partition of public.parted for values with (modulus 1, remainder 0)`,
    `create view public.v as select id from public.t`,
    `create collation public.folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    `create table public.texts (
      a text collate public.folded unique,
      b text collate public.folded,
      c text unique
    )`,
    `create unique index on public.texts (b collate "C")`,
    `create table public.collated (a text)`,
    `create unique index on public.collated (a collate "C")`,
  ]

  test('holds for a valid unique index over plain columns that are all given', async () => {
    const database = await databaseWith(statements)
    const catalog = await readCatalog(database.query, ['public'])
    const unique = (name: string, ...columns: string[]) => isUniqueOn(table(catalog, name), columns)

    expect(unique('public.t', 'id')).toBe(true)
    expect(unique('public.t', 'b', 'x', 'a')).toBe(true)
    expect(unique('public.t', 'a'), 'half of a key').toBe(false)
    expect(unique('public.t', 'c'), 'partial').toBe(false)
    expect(unique('public.t', 'd'), 'expression').toBe(false)
    expect(unique('public.t', 'e'), 'include adds no key column').toBe(true)
    expect(unique('public.t', 'f'), 'not unique').toBe(false)
    expect(unique('public.t', 'g'), 'invalid').toBe(false)
    expect(unique('public.t')).toBe(false)
    expect(unique('public.parent', 'id'), 'heirs may repeat it').toBe(false)
    expect(unique('public.child', 'id')).toBe(false)
    expect(unique('public.parted', 'id')).toBe(true)
    expect(unique('public.v', 'id')).toBe(false)
    expect(unique('public.texts', 'a')).toBe(true)
    expect(unique('public.texts', 'b'), 'the index tells texts apart that the column takes for equal').toBe(false)
    expect(unique('public.texts', 'c')).toBe(true)
    expect(unique('public.collated', 'a')).toBe(true)
  })
})

function table(catalog: Catalog, name: string) {
  const found = findTable(catalog, name)
  expect(found, name).toBeDefined()
  return found!
}
