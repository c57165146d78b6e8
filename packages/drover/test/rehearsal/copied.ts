import { expect } from 'vitest'
import { type Catalog, qualifiedName } from '../../src/catalog/catalog.ts'
import { catalogDifferences } from '../../src/catalog/differences.ts'
import { canonicalCatalog } from '../../src/catalog/fingerprint.ts'
import { readCatalog } from '../../src/catalog/read.ts'
import { openDatabase } from '../../src/db/pg.ts'
import { makeObjects, type NotMade, readDefinitions } from '../../src/rehearsal/copy-schema.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'

export interface Copied {
  readonly copy: TestDatabase
  readonly schemas: readonly string[]
  readonly notMade: readonly NotMade[]
}

export interface CopyOptions {
  /** The empty database that the copy is made in. Default a fresh one. */
  readonly into?: TestDatabase
  /** Runs between what goes ahead of the rows and what comes after. Default nothing. */
  readonly load?: (copy: TestDatabase) => Promise<unknown>
}

/** Another database with the schemas of `source`. */
export async function copied(source: TestDatabase, { into, load }: CopyOptions = {}): Promise<Copied> {
  const copy = into ?? (await createDatabase())
  const [from, to] = [await openDatabase(source.url), await openDatabase(copy.url)]
  try {
    const { schemas, before, after } = await readDefinitions(from)
    const notMade = [...(await makeObjects(to, before))]
    await load?.(copy)
    notMade.push(...(await makeObjects(to, after)))
    return { copy, schemas, notMade }
  } finally {
    await from.close()
    await to.close()
  }
}

/** What the catalog of a database says of schemas. */
export async function catalogOf(database: TestDatabase, schemas: readonly string[]): Promise<Catalog> {
  await database.query('set search_path = pg_catalog')
  return readCatalog(database.query, schemas)
}

/** Expects two databases to be the same to every plan. */
export async function expectSameSchemas(one: TestDatabase, other: TestDatabase, schemas: readonly string[]) {
  const [was, is] = [await catalogOf(one, schemas), await catalogOf(other, schemas)]
  const tables = was.tables.map(qualifiedName)
  expect(is.tables.map(qualifiedName)).toEqual(tables)
  expect(catalogDifferences(was, is, tables)).toEqual([])
  expect(canonicalCatalog(is, tables)).toEqual(canonicalCatalog(was, tables))
  // Types and sequences that no table uses, and extensions.
  expect({ ...is, tables: [] }).toEqual({ ...was, tables: [] })
}
