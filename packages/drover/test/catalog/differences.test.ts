import { beforeAll, describe, expect, test } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { catalogDifferences } from '../../src/catalog/differences.ts'
import { canonicalCatalog } from '../../src/catalog/fingerprint.ts'
import { readCatalog } from '../../src/catalog/read.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { databaseWith } from './database.ts'
import { changes, irrelevantChanges, plannedTables, schema } from './planted-changes.ts'

describe('catalogDifferences', () => {
  let database: TestDatabase
  let before: Catalog

  beforeAll(async () => {
    database = await databaseWith(schema)
    before = await readCatalog(database.query, ['public'])
  })

  const readAfter = async (statement: string): Promise<Catalog> => {
    await database.query('begin')
    try {
      await database.query(statement)
      return await readCatalog(database.query, ['public'])
    } finally {
      await database.query('rollback')
    }
  }

  test('an unchanged catalog has none', async () => {
    const after = await readCatalog(database.query, ['public'])
    expect(catalogDifferences(before, after, plannedTables)).toEqual([])
  })

  test.each(changes)('%s', async (statement, ...sentences) => {
    const after = await readAfter(statement)
    expect(catalogDifferences(before, after, plannedTables)).toEqual(sentences)
    expect(canonicalCatalog(after, plannedTables)).not.toEqual(canonicalCatalog(before, plannedTables))
  })

  test.each(irrelevantChanges)('is blind to: %s', async (statement) => {
    const after = await readAfter(statement)
    expect(catalogDifferences(before, after, plannedTables)).toEqual([])
    expect(JSON.stringify(canonicalCatalog(after, plannedTables))).toBe(
      JSON.stringify(canonicalCatalog(before, plannedTables)),
    )
  })

  test('the canonical catalog does not hang on OIDs, on the order of columns, or on the order of the names given', async () => {
    const other = await readAfter(`
      alter table public.visits rename to visits_old;
      alter table public.visits_old rename constraint visits_clinic to visits_clinic_old;
      create table public.visits (clinic uuid constraint visits_clinic references public.clinics);
      alter table public.clinics drop constraint name_given;
      alter table public.clinics add constraint name_given check (name <> '');
      alter table public.clinics drop column statuses;
      alter table public.clinics add column statuses public.status[]`)
    expect(JSON.stringify(canonicalCatalog(other, plannedTables.toReversed()))).toBe(
      JSON.stringify(canonicalCatalog(before, plannedTables)),
    )
  })
})

test('another major of the server is a difference, another minor is none', () => {
  const empty: Catalog = {
    serverVersion: 150_018,
    schemas: [],
    extensions: [],
    tables: [],
    enums: [],
    domains: [],
    sequences: [],
  }
  expect(catalogDifferences(empty, { ...empty, serverVersion: 150_019 }, [])).toEqual([])
  expect(catalogDifferences(empty, { ...empty, serverVersion: 180_004 }, [])).toEqual([
    'the server is now PostgreSQL 18 (was 15)',
  ])
})
