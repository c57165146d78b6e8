import { beforeAll, describe, expect, test } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { constraintOf, indexOf, type NastyCatalog, readNastyCatalog, tableOf, triggerOf } from './nasty-catalog.ts'

describe('readCatalog: tables', () => {
  let nasty: NastyCatalog
  let catalog: Catalog
  beforeAll(async () => {
    nasty = await readNastyCatalog()
    catalog = nasty.catalog
  })

  test('gives the same value twice, in ten queries', () => {
    expect(nasty.again).toEqual(catalog)
    expect(nasty.answers).toHaveLength(10)
  })

  test('asks for text only, so that no type parser of a driver is between', () => {
    const values = nasty.answers.flat().flatMap((row) => Object.values(row))
    expect(values.length).toBeGreaterThan(100)
    expect(values.every((value) => typeof value === 'string')).toBe(true)
  })

  test('names server, existing schemas and extensions, and lists tables in order', () => {
    expect(Math.floor(catalog.serverVersion / 10_000)).toBe(nasty.serverMajor)
    expect(catalog.schemas).toEqual(['Odd.Schema', 'legacy'])
    expect(catalog.extensions).toEqual([
      { name: 'btree_gist', schema: 'shared' },
      { name: 'citext', schema: 'shared' },
      { name: 'plpgsql', schema: 'pg_catalog' },
    ])
    const names = catalog.tables.map(({ schema, name }) => `${schema}/${name}`)
    expect(names).toEqual(names.toSorted())
    for (const { constraints, indexes, triggers, policies } of catalog.tables) {
      for (const parts of [constraints, indexes, triggers, policies]) {
        const partNames = parts.map(({ name }) => name)
        expect(partNames).toEqual(partNames.toSorted())
      }
    }
    expect(catalog.tables.some(({ schema }) => schema === 'shared')).toBe(false)
    expect(Object.fromEntries(catalog.tables.map(({ name, kind }) => [name, kind]))).toMatchObject({
      clinics: 'table',
      events: 'partitioned',
      events_visit: 'partitioned',
      events_rest: 'table',
      clinic_names: 'view',
      counts: 'materialized view',
      remote: 'foreign',
    })
  })

  test('keeps odd names as they are', () => {
    const odd = tableOf(catalog, '"Odd.Schema"."Order ""Items"".v2"')
    expect(odd).toMatchObject({ schema: 'Odd.Schema', name: 'Order "Items".v2', primaryKey: ['select'] })
    expect(odd.columns.map(({ name }) => name)).toEqual([
      'select',
      'constructor',
      'first name',
      'a.b',
      'quote"d',
      "it's",
      'Größe',
      '1st',
    ])
    expect(odd.indexes[0]).toMatchObject({ name: 'My "Index"', columns: ['first name', null] })
  })

  test('reads partitions and what they have from their parent', () => {
    expect(tableOf(catalog, 'legacy.events')).toMatchObject({
      partitionKey: 'LIST (kind)',
      partitionOf: null,
      partitionBound: null,
      hasChildren: true,
    })
    expect(tableOf(catalog, 'legacy.events_visit')).toMatchObject({
      partitionKey: 'RANGE (at)',
      partitionOf: 'legacy.events',
      partitionBound: "FOR VALUES IN ('visit')",
    })
    expect(tableOf(catalog, 'legacy.events_visit_2024')).toMatchObject({
      partitionKey: null,
      partitionOf: 'legacy.events_visit',
      hasChildren: false,
    })
    expect(indexOf(catalog, 'legacy.events', 'events_at')).toMatchObject({ inherited: false, valid: true })
    expect(indexOf(catalog, 'legacy.events_rest', 'events_rest_at_idx')).toMatchObject({ inherited: true })
    expect(constraintOf(catalog, 'legacy.events', 'events_clinic')).toMatchObject({ inherited: false })
    expect(constraintOf(catalog, 'legacy.events_visit_2024', 'events_clinic')).toMatchObject({ inherited: true })
    expect(triggerOf(catalog, 'legacy.events', 'events_touch')).toMatchObject({ inherited: false })
    expect(triggerOf(catalog, 'legacy.events_visit_2024', 'events_touch')).toMatchObject({ inherited: true })
    expect(tableOf(catalog, 'legacy.ancestors')).toMatchObject({ kind: 'table', hasChildren: true, partitionOf: null })
    expect(tableOf(catalog, 'legacy.heirs')).toMatchObject({ hasChildren: false, partitionOf: null })
    expect(constraintOf(catalog, 'legacy.heirs', 'ancestors_id_check')).toMatchObject({ inherited: true })
  })

  test('reads triggers with their exact state, and none of the internal ones', () => {
    expect(tableOf(catalog, 'legacy.clinics').triggers).toEqual([
      {
        name: 'a_touch',
        enabled: 'O',
        inherited: false,
        definition:
          'CREATE TRIGGER a_touch BEFORE INSERT OR UPDATE OF name ON legacy.clinics FOR EACH ROW WHEN ((new.name IS NOT NULL)) ' +
          "EXECUTE FUNCTION legacy.touch('x')",
      },
      expect.objectContaining({ name: 'b_disabled', enabled: 'D' }),
      expect.objectContaining({ name: 'c_always', enabled: 'A' }),
      expect.objectContaining({ name: 'd_constraint', enabled: 'R' }),
    ])
    expect(tableOf(catalog, 'legacy.stays').triggers).toEqual([])
  })

  test('reads row-level security', () => {
    expect(tableOf(catalog, 'legacy.secrets')).toMatchObject({
      rowSecurity: true,
      forceRowSecurity: true,
      policies: [
        { name: 'a_all', command: 'all', permissive: true, using: 'true', check: null },
        { name: 'a_delete', command: 'delete' },
        { name: 'a_insert', command: 'insert', using: null, check: 'true' },
        {
          name: 'mine',
          command: 'update',
          permissive: false,
          roles: ['public'],
          using: '(owner_name = CURRENT_USER)',
          check: '(id > 0)',
        },
        {
          name: 'read',
          command: 'select',
          permissive: true,
          roles: ['pg_monitor', 'pg_read_all_data'],
          using: 'true',
          check: null,
        },
      ],
    })
    expect(tableOf(catalog, 'legacy.clinics')).toMatchObject({
      rowSecurity: false,
      forceRowSecurity: false,
      policies: [],
    })
  })

  test('reads views with their query', () => {
    expect(tableOf(catalog, 'legacy.clinic_names').query).toMatch(/FROM legacy\.clinics c/)
    expect(tableOf(catalog, 'legacy.clinic_names').columns.map(({ name }) => name)).toEqual(['id', 'name', 'region'])
    expect(tableOf(catalog, 'legacy.counts').query).toMatch(/count\(\*\)/)
    expect(tableOf(catalog, 'legacy.clinics').query).toBeNull()
  })
})
