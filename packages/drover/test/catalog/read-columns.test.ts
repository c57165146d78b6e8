import { beforeAll, describe, expect, test } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { columnOf, readNastyCatalog, tableOf } from './nasty-catalog.ts'

describe('readCatalog: columns', () => {
  let catalog: Catalog
  beforeAll(async () => {
    catalog = (await readNastyCatalog()).catalog
  })

  test('resolves domains, enums and arrays to their base types', () => {
    const types = tableOf(catalog, 'legacy.kinds').columns.map(({ name, type, typeName, baseType, kind }) => [
      name,
      type,
      typeName,
      baseType,
      kind,
    ])
    expect(types).toEqual([
      ['type', 'legacy.strict_status', 'legacy.strict_status', 'legacy.status', 'domain'],
      ['strict', 'legacy.strict_status[]', 'legacy.strict_status[]', 'legacy.status[]', 'array'],
      ['statuses', 'legacy.status[]', 'legacy.status[]', 'legacy.status[]', 'array'],
      ['matrix', 'integer[]', 'int4[]', 'int4[]', 'array'],
      ['tags', 'legacy.tags', 'legacy.tags', 'text[]', 'domain'],
      ['level', 'shared.level', 'shared.level', 'shared.level', 'enum'],
      ['nothing', 'legacy.nothing', 'legacy.nothing', 'legacy.nothing', 'enum'],
      ['mail', 'shared.email', 'shared.email', 'text', 'domain'],
      ['code', 'legacy.code', 'legacy.code', 'varchar', 'domain'],
      ['short', 'character varying(40)', 'varchar', 'varchar', 'base'],
      ['fixed', 'character(3)', 'bpchar', 'bpchar', 'base'],
      ['letter', '"char"', 'char', 'char', 'base'],
      ['amount', 'numeric(18,4)', 'numeric', 'numeric', 'base'],
      ['price', 'money', 'money', 'money', 'base'],
      ['span', 'int4range', 'int4range', 'int4range', 'range'],
      ['spans', 'int4multirange', 'int4multirange', 'int4multirange', 'multirange'],
      ['pair', 'legacy.pair', 'legacy.pair', 'legacy.pair', 'composite'],
      ['place', 'point', 'point', 'point', 'base'],
      ['words', 'tsvector', 'tsvector', 'tsvector', 'base'],
      ['nick', 'shared.citext', 'shared.citext', 'shared.citext', 'base'],
      ['folded', 'text', 'text', 'text', 'base'],
      ['at', 'timestamp(3) with time zone', 'timestamptz', 'timestamptz', 'base'],
      ['doc', 'jsonb', 'jsonb', 'jsonb', 'base'],
    ])
    expect(tableOf(catalog, 'legacy.kinds').columns.map(({ ordinal }) => ordinal)).toEqual(
      types.map((_, position) => position + 1),
    )
  })

  test('takes nullability and default from the domain where the column has none', () => {
    expect(columnOf(catalog, 'legacy.kinds', 'type')).toMatchObject({
      notNull: true,
      default: "'active'::legacy.status",
    })
    expect(columnOf(catalog, 'legacy.kinds', 'strict')).toMatchObject({ notNull: false, default: null })
    expect(columnOf(catalog, 'legacy.clinics', 'id')).toMatchObject({ notNull: true, default: 'gen_random_uuid()' })
  })

  test('reads collations and whether they tell all texts apart', () => {
    expect(columnOf(catalog, 'legacy.kinds', 'folded')).toMatchObject({
      collation: 'shared.folded',
      collationDeterministic: false,
    })
    expect(columnOf(catalog, 'legacy.kinds', 'mail')).toMatchObject({ collation: 'C', collationDeterministic: true })
    expect(columnOf(catalog, 'legacy.kinds', 'short')).toMatchObject({
      collation: 'default',
      collationDeterministic: true,
    })
    expect(columnOf(catalog, 'legacy.kinds', 'amount')).toMatchObject({ collation: null, collationDeterministic: true })
  })

  test('reads identities, generated columns and serials', () => {
    expect(tableOf(catalog, 'legacy.numbers').columns).toMatchObject([
      { name: 'always', identity: 'always', generated: null, default: null },
      { name: 'by_default', identity: 'by default', generated: null, default: null },
      { name: 'serial', identity: null, default: "nextval('legacy.numbers_serial_seq'::regclass)" },
      { name: 'loose', identity: null, default: "nextval('legacy.loose'::regclass)" },
      { name: 'twice', identity: null, generated: 'stored', default: '(serial * 2)' },
      { name: 'fed', identity: null, default: "nextval('shared.feeder'::regclass)" },
      { name: 'fed_too', identity: null, default: "nextval('shared.feeder'::regclass)" },
    ])
  })

  test('reads enums and domains of the schemas, and those of others that columns use', () => {
    expect(catalog.enums).toEqual([
      { schema: 'legacy', name: 'nothing', values: [] },
      { schema: 'legacy', name: 'status', values: ['active', 'on hold', 'it\'s "over"'] },
      { schema: 'legacy', name: 'unused', values: ['x'] },
      { schema: 'shared', name: 'level', values: ['low', 'high'] },
    ])
    expect(catalog.domains).toMatchObject([
      {
        name: 'code',
        type: 'character varying(8)',
        typeName: 'varchar',
        constraints: [{ name: 'short', validated: false }],
      },
      { name: 'open_status', typeName: 'legacy.status', notNull: true, default: "'active'::legacy.status" },
      { name: 'strict_status', typeName: 'legacy.open_status', baseType: 'legacy.status', notNull: true },
      { name: 'tags', typeName: 'text[]', baseType: 'text[]', constraints: [] },
      {
        schema: 'shared',
        name: 'email',
        collation: 'C',
        constraints: [
          { name: 'at_sign', definition: "CHECK ((VALUE ~~ '%@%'::text))", validated: true },
          { name: 'lower_case', definition: 'CHECK ((VALUE = lower(VALUE)))', validated: true },
        ],
      },
    ])
  })

  test('reads sequences with owner and users, and those of other schemas that feed a column', () => {
    const numbers = { schema: 'legacy', table: 'numbers' }
    expect(catalog.sequences).toEqual([
      expect.objectContaining({ schema: 'legacy', name: 'alone', ownedBy: null, feeds: [] }),
      {
        schema: 'legacy',
        name: 'loose',
        type: 'bigint',
        start: '100',
        increment: '5',
        minimum: '1',
        maximum: '9000',
        cache: '7',
        cycles: true,
        ownedBy: null,
        feeds: [{ ...numbers, column: 'loose' }],
      },
      expect.objectContaining({
        name: 'numbers_always_seq',
        start: '10',
        maximum: '9223372036854775807',
        ownedBy: { ...numbers, column: 'always' },
        feeds: [{ ...numbers, column: 'always' }],
      }),
      expect.objectContaining({ name: 'numbers_by_default_seq', feeds: [{ ...numbers, column: 'by_default' }] }),
      expect.objectContaining({
        name: 'numbers_serial_seq',
        ownedBy: { ...numbers, column: 'serial' },
        feeds: [{ ...numbers, column: 'serial' }],
      }),
      expect.objectContaining({
        schema: 'shared',
        name: 'feeder',
        ownedBy: null,
        feeds: [
          { ...numbers, column: 'fed' },
          { ...numbers, column: 'fed_too' },
        ],
      }),
    ])
  })
})
