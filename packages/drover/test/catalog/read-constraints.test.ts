import { beforeAll, describe, expect, test } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { constraintOf, indexOf, readNastyCatalog, tableOf } from './nasty-catalog.ts'

describe('readCatalog: constraints', () => {
  let catalog: Catalog
  let serverMajor: number
  beforeAll(async () => {
    const nasty = await readNastyCatalog()
    catalog = nasty.catalog
    serverMajor = nasty.serverMajor
  })

  test('reads keys and foreign keys in the order of the constraint', () => {
    expect(tableOf(catalog, 'legacy.clinics').primaryKey).toEqual(['region', 'id'])
    expect(tableOf(catalog, 'legacy.event_notes')).not.toHaveProperty('primaryKey')
    expect(constraintOf(catalog, 'legacy.clinics', 'clinics_name')).toEqual({
      kind: 'unique',
      name: 'clinics_name',
      columns: ['name'],
      definition: 'UNIQUE (name) INCLUDE (region) DEFERRABLE INITIALLY DEFERRED',
      validated: true,
      enforced: true,
      fires: true,
      nullsNotDistinct: false,
      inherited: false,
      deferrable: true,
      initiallyDeferred: true,
      comment: null,
    })
    expect(constraintOf(catalog, 'legacy.stays', 'stays_clinic')).toMatchObject({
      kind: 'foreign',
      columns: ['region', 'clinic'],
      deferrable: true,
      initiallyDeferred: false,
      definition: 'FOREIGN KEY (region, clinic) REFERENCES legacy.clinics(region, id) MATCH FULL DEFERRABLE',
      references: {
        schema: 'legacy',
        table: 'clinics',
        columns: ['region', 'id'],
        match: 'full',
        period: false,
        onDelete: 'no action',
        onUpdate: 'no action',
      },
      comment: 'where they stayed',
    })
    expect(constraintOf(catalog, 'legacy.stays', 'stays_parent_fkey')).toMatchObject({
      references: { table: 'stays', onDelete: 'set null', onUpdate: 'cascade', match: 'simple' },
    })
    expect(constraintOf(catalog, 'legacy.stays', 'stays_name')).toMatchObject({
      validated: false,
      references: { onDelete: 'restrict' },
      definition: expect.stringMatching(/ NOT VALID$/),
    })
  })

  test('reads exclusion and unvalidated check constraints', () => {
    expect(constraintOf(catalog, 'legacy.stays', 'no_overlap')).toMatchObject({
      kind: 'exclusion',
      columns: ['room', 'during'],
      validated: true,
      definition: 'EXCLUDE USING gist (room WITH =, during WITH &&, lower(note) WITH =) WHERE ((room > 0))',
    })
    expect(constraintOf(catalog, 'legacy.stays', 'room_positive')).toMatchObject({
      kind: 'check',
      columns: ['room'],
      validated: false,
      enforced: true,
      definition: 'CHECK ((room > 0)) NOT VALID',
    })
  })

  test('reads every kind of index', () => {
    expect(indexOf(catalog, 'legacy.stays', 'stays_expression')).toEqual({
      name: 'stays_expression',
      unique: false,
      primary: false,
      columns: [null, 'room'],
      included: [],
      predicate: null,
      valid: true,
      nullsNotDistinct: false,
      constraint: null,
      accessMethod: 'btree',
      definition: 'CREATE INDEX stays_expression ON legacy.stays USING btree (lower(note) DESC NULLS LAST, room)',
      inherited: false,
      replicaIdentity: false,
      clustered: false,
      tablespace: null,
      statisticsTargets: [321, null],
      comment: 'for the search',
      requiredBy: [],
    })
    expect(indexOf(catalog, 'legacy.stays', 'stays_partial')).toMatchObject({
      unique: true,
      predicate: '(note IS NOT NULL)',
    })
    expect(indexOf(catalog, 'legacy.stays', 'stays_include')).toMatchObject({
      columns: ['room'],
      included: ['note', 'region'],
    })
    expect(indexOf(catalog, 'legacy.stays', 'stays_hash')).toMatchObject({ accessMethod: 'hash', columns: ['note'] })
    expect(indexOf(catalog, 'legacy.stays', 'stays_replica')).toMatchObject({ replicaIdentity: true, clustered: false })
    expect(indexOf(catalog, 'legacy.stays', 'stays_pkey')).toMatchObject({
      primary: true,
      clustered: true,
      constraint: 'stays_pkey',
    })
    expect(indexOf(catalog, 'legacy.stays', 'no_overlap')).toMatchObject({
      unique: false,
      constraint: 'no_overlap',
      accessMethod: 'gist',
      columns: ['room', 'during', null],
    })
    expect(indexOf(catalog, 'legacy.stays', 'stays_invalid')).toMatchObject({
      unique: true,
      valid: false,
      columns: [null],
    })
    expect(indexOf(catalog, 'legacy.counts', 'counts_region')).toMatchObject({ unique: true, valid: true })
    expect(tableOf(catalog, 'legacy.stays').replicaIdentity).toBe('index')
    expect(tableOf(catalog, 'legacy.secrets').replicaIdentity).toBe('full')
  })

  test('tells what depends on an index, in other schemas too', () => {
    expect(indexOf(catalog, 'legacy.clinics', 'clinics_pkey').requiredBy).toEqual([
      'foreign key events_clinic on legacy.events',
      'foreign key outsider_region_id_fkey on shared.outsider',
      'foreign key set_null_clinic on legacy.set_null',
      'foreign key stays_clinic on legacy.stays',
      'view legacy.clinic_names',
    ])
    expect(indexOf(catalog, 'legacy.clinics', 'clinics_name').requiredBy).toEqual([])
  })

  test('lists a foreign key to a partitioned table once', () => {
    expect(tableOf(catalog, 'legacy.event_notes').constraints.map(({ name }) => name)).toEqual(['event_notes_event'])
    expect(indexOf(catalog, 'legacy.events', 'events_kind_id_at_key').requiredBy).toEqual([
      'foreign key event_notes_event on legacy.event_notes',
    ])
  })

  test('reads what PostgreSQL 15 brought', ({ skip }) => {
    skip(serverMajor < 15, 'the server is older')
    expect(constraintOf(catalog, 'legacy.set_null', 'set_null_clinic')).toMatchObject({
      definition: 'FOREIGN KEY (region, clinic) REFERENCES legacy.clinics(region, id) ON DELETE SET NULL (clinic)',
      references: { onDelete: 'set null' },
    })
    expect(indexOf(catalog, 'legacy.unique_two', 'unique_two_nulls')).toMatchObject({
      nullsNotDistinct: true,
      constraint: null,
    })
    expect(constraintOf(catalog, 'legacy.unique_two', 'unique_two_both')).toMatchObject({ nullsNotDistinct: true })
    expect(constraintOf(catalog, 'legacy.unique_two', 'unique_two_a_b_key')).toMatchObject({ nullsNotDistinct: false })
  })

  test('reads what PostgreSQL 18 brought', ({ skip }) => {
    skip(serverMajor < 18, 'the server is older')
    expect(tableOf(catalog, 'legacy.virtual_columns').columns).toMatchObject([
      { name: 'a', generated: null, notNull: true },
      { name: 'doubled', generated: 'virtual', default: '(a * 2)' },
      { name: 'stored', generated: 'stored', default: '(a * 3)' },
      { name: 'b', notNull: true },
    ])
    expect(tableOf(catalog, 'legacy.virtual_columns').constraints).toEqual([])
    expect(constraintOf(catalog, 'legacy.stays', 'wish')).toMatchObject({ enforced: false, validated: false })
    expect(tableOf(catalog, 'legacy.terms').primaryKey).toEqual(['id', 'valid_at'])
    expect(constraintOf(catalog, 'legacy.term_notes', 'term_notes_term')).toMatchObject({
      references: { period: true },
    })
  })
})
