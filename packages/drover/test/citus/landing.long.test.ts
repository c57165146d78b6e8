import { beforeEach, describe, expect, test } from 'vitest'
import { findTable } from '../../src/catalog/catalog.ts'
import { readSchemas } from '../../src/cli/read-schemas.ts'
import { createPair, emptied, landed, type Pair } from '../landing/landed.ts'
import { withDatabase } from '../run/fixture.ts'
import { connectTo } from '../support/connect.ts'
import { makeCatalogue } from './catalogue.ts'

// A target whose catalogue is that of a cluster. What distributes a table there notes it, and the table stays what it is.

let pair: Pair

beforeEach(async () => {
  pair = await createPair()
  await pair.source.query(`
    create schema old;
    create table old.clinics (id int primary key, name text);
    create table old.visits (clinic_id int, number int, seen date, room int, unique (clinic_id, room), primary key (clinic_id, number));
    insert into old.clinics select n, 'Clinic ' || n from generate_series(1, 5) as n;
    insert into old.visits select 1 + n % 5, n, '2024-01-01', n from generate_series(1, 1000) as n`)
  return () => emptied(pair)
})

/** Makes the target's catalogue that of a cluster. */
async function asCluster(): Promise<void> {
  await makeCatalogue(pair.target, [])
  await pair.target.query(`
    set allow_system_table_mods = on;
    create function pg_catalog.create_distributed_table(regclass, text) returns void language sql as $$
      insert into pg_catalog.pg_dist_partition values ($1, 'h', $2, 1, 's')
      returning null::void $$;
    insert into pg_catalog.pg_dist_colocation values (1, 32);
    reset allow_system_table_mods`)
}

const spread = (table: string, column: string) => ({ distributions: new Map([[table, column]]) })

const distributedBy = () =>
  pair.target.query(`select logicalrelid::text as table, partkey as by from pg_catalog.pg_dist_partition order by 1`)

describe('on a cluster', () => {
  beforeEach(asCluster)

  test('a table lands spread by a column, is compared, and read as what it is', async () => {
    const { tables, events } = await landed(pair, spread('old.visits', 'clinic_id'))
    expect(tables).toEqual(['old.clinics', 'old.visits'])
    expect(events.filter(({ kind }) => kind === 'landed').length).toBe(2)
    expect(await distributedBy()).toEqual([{ table: 'old.visits', by: 'clinic_id' }])
    expect(await pair.target.query('select count(*)::int as n from old.visits')).toEqual([{ n: 1000 }])
    const catalog = await withDatabase(pair.target.url, (db) => readSchemas(db, ['old']))
    expect(findTable(catalog, 'old.visits')!.distribution).toMatchObject({ column: 'clinic_id' })
    expect(findTable(catalog, 'old.clinics')!.distribution).toBeUndefined()
  })

  test('what lies there stays as it is spread, unless it is asked for otherwise', async () => {
    await landed(pair, spread('old.visits', 'clinic_id'))
    expect(await landed(pair, {})).toMatchObject({ hadLanded: 2 })
    await pair.source.query(`create table old.rooms (id int primary key)`)
    const { events } = await landed(pair, {})
    expect(events.filter(({ kind }) => kind === 'kept').length).toBe(2)
    expect(await distributedBy()).toEqual([{ table: 'old.visits', by: 'clinic_id' }])
  })

  test('one that lies on the coordinator lands again where it is to be spread', async () => {
    expect(await landed(pair, {})).toMatchObject({ hadLanded: 0 })
    expect(await landed(pair, spread('old.visits', 'clinic_id'))).toMatchObject({ hadLanded: 1 })
    expect(await distributedBy()).toEqual([{ table: 'old.visits', by: 'clinic_id' }])
    expect(await pair.target.query('select count(*)::int as n from old.visits')).toEqual([{ n: 1000 }])
  })

  test.each([
    ['old.visits', 'number', 'the key visits_clinic_id_room_key of old.visits does not hold number'],
    ['old.visits', 'clinic', 'old.visits has no column clinic'],
    ['old.clinics', 'name', 'old.clinics may hold nulls in name'],
  ])('%s by %s is refused, and nothing is made', async (table, column, finding) => {
    await expect(landed(pair, spread(table, column))).rejects.toMatchObject({
      code: 'landing-refused',
      findings: expect.arrayContaining([expect.stringContaining(finding)]),
    })
    expect(await pair.target.query(`select to_regnamespace('old') as old`)).toEqual([{ old: null }])
  })

  test('a name that does not land is refused', async () => {
    await expect(landed(pair, spread('old.vists', 'clinic_id'))).rejects.toMatchObject({
      code: 'usage-invalid',
      what: 'old.vists would be distributed, and does not land.',
    })
  })
})

test('on one server it is refused', async () => {
  await expect(landed(pair, spread('old.visits', 'clinic_id'))).rejects.toMatchObject({
    code: 'landing-refused',
    findings: ['the target is one server: without Citus no table can be distributed'],
  })
})

const clusterUrl = process.env.DROVER_CITUS_URL
if (clusterUrl === undefined) {
  console.log('Skipped on a cluster: DROVER_CITUS_URL names no database of a Citus coordinator.')
}

test.skipIf(clusterUrl === undefined)('a cluster spreads what lands, and both sides hold the same', async () => {
  const cluster = connectTo(clusterUrl!)
  try {
    const { tables } = await landed({ source: pair.source, target: cluster }, spread('old.visits', 'clinic_id'))
    expect(tables).toEqual(['old.clinics', 'old.visits'])
    const shards = await cluster.query(
      `select distribution_column as by, citus_table_type as type from citus_tables where table_name = 'old.visits'::regclass`,
    )
    expect(shards).toEqual([{ by: 'clinic_id', type: 'distributed' }])
    expect(await cluster.query('select count(*)::int as n from old.visits')).toEqual([{ n: 1000 }])
  } finally {
    await cluster.query('drop schema if exists old cascade; drop schema if exists drover cascade')
    await cluster.disconnect()
  }
})
