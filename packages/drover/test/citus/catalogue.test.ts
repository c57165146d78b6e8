import { beforeAll, describe, expect, test } from 'vitest'
import { type Catalog, findTable } from '../../src/catalog/catalog.ts'
import { catalogDifferences } from '../../src/catalog/differences.ts'
import { renderTypes } from '../../src/catalog/types.ts'
import { readWholeCatalog } from '../../src/ledger/whole-catalog.ts'
import { withDatabase } from '../run/fixture.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { makeCatalogue } from './catalogue.ts'
import { clusterTables, recordedTables } from './recorded.ts'

const read = (database: TestDatabase): Promise<Catalog> =>
  withDatabase(database.url, (db) => db.transaction((tx) => readWholeCatalog(tx, ['app', 'legacy'])))

let plain: Catalog
let cluster: Catalog
let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await database.query(clusterTables)
  plain = await read(database)
  await makeCatalogue(database, recordedTables)
  cluster = await read(database)
})

const distributionOf = (catalog: Catalog, name: string) => findTable(catalog, name)!.distribution
const names = ['app.clinics', 'app.kinds', 'app.local_only', 'app.mv']

describe('the catalogue of a cluster', () => {
  test('says of each table how it is distributed, by which column, with which others', () => {
    expect(distributionOf(cluster, 'app.clinics')).toEqual({
      kind: 'distributed',
      column: 'id',
      colocation: 1,
      shards: 32,
    })
    expect(distributionOf(cluster, 'app.mv')).toEqual({
      kind: 'distributed',
      column: 'clinic_id',
      colocation: 1,
      shards: 32,
    })
    expect(distributionOf(cluster, 'app.kinds')).toEqual({ kind: 'reference', column: null, colocation: 2, shards: 1 })
    expect('distribution' in findTable(cluster, 'app.local_only')!).toBe(false)
  })

  test('knows tables of a distributed schema, and local ones that the cluster knows', async () => {
    const other = await createDatabase()
    await other.query(clusterTables)
    await makeCatalogue(other, [
      { table: 'app.mv', partkey: null, repmodel: 's', partmethod: 'n', colocation: 7, shards: 1 },
      { table: 'app.kinds', partkey: null, repmodel: 's', partmethod: 'n', colocation: 0, shards: 1 },
    ])
    const catalog = await read(other)
    expect(distributionOf(catalog, 'app.mv')?.kind).toBe('single shard')
    expect(distributionOf(catalog, 'app.kinds')?.kind).toBe('local')
  })

  test('adds nothing else: without it the same tables are read, and their types are the same', () => {
    const bare = { ...cluster, tables: cluster.tables.map(({ distribution: _, ...table }) => table) }
    expect(bare).toEqual(plain)
    const options = { interfaceName: 'App', schemas: ['app'] }
    expect(renderTypes(cluster, options)).toBe(renderTypes(plain, options))
  })

  test('is part of what a plan rests on: a sentence says what has changed', () => {
    expect(catalogDifferences(plain, cluster, names)).toEqual([
      'app.clinics: distribution is now distributed by id, with app.clinics (was none)',
      'app.kinds: distribution is now reference (was none)',
      'app.mv: distribution is now distributed by clinic_id, with app.clinics (was none)',
    ])
    expect(catalogDifferences(plain, plain, names)).toEqual([])
  })

  test('says nothing of numbers that another cluster gives otherwise', () => {
    const renumbered = {
      ...cluster,
      tables: cluster.tables.map((table) =>
        table.distribution === undefined
          ? table
          : {
              ...table,
              distribution: { ...table.distribution, colocation: table.distribution.colocation + 10, shards: 8 },
            },
      ),
    }
    expect(catalogDifferences(cluster, renumbered, names)).toEqual([])
    const apart = {
      ...cluster,
      tables: cluster.tables.map((table) =>
        table.name === 'mv' ? { ...table, distribution: { ...table.distribution!, colocation: 3 } } : table,
      ),
    }
    expect(catalogDifferences(cluster, apart, names)).toEqual([
      'app.mv: distribution is now distributed by clinic_id, with app.mv (was distributed by clinic_id, with app.clinics)',
    ])
  })
})
