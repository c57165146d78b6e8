import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Catalog } from '../../src/catalog/catalog.ts'
import { renamedSqlTypes, sqlTypes } from '../../src/catalog/type-names.ts'
import { renderTypes } from '../../src/catalog/types.ts'
import { readNastyCatalog } from './nasty-catalog.ts'

const sqlTypesFile = fileURLToPath(new URL('../../src/define/sql-types.ts', import.meta.url))
const nodeModules = fileURLToPath(new URL('../../../../node_modules', import.meta.url))

test('gives a module that compiles and types rows for reading and writing', async () => {
  const { catalog, serverMajor } = await readNastyCatalog()
  const types = renderTypes(catalog, { interfaceName: 'Legacy', schemas: ['legacy', 'Odd.Schema'] })
  // Older servers lack some of the tables.
  if (serverMajor >= 18) await expect(types).toMatchFileSnapshot('golden/legacy.types.txt')
  expect(await compile({ 'legacy.types.ts': types, 'use.ts': use })).toBe('')
})

/** What a program may and may not do with the rendered types; the compiler refuses an expected error that is none. */
const use = `
import type { ArrayOf, int4, int8, text, timestamptz, uuid } from 'drover'
import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Legacy, LegacyStatus } from './legacy.types.ts'

type Row<Table extends keyof Legacy> = Selectable<Legacy[Table]>
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <_A, _B>(_same: Same<_A, _B>) => {}

same<Row<'legacy.clinics'>, { region: text; id: uuid; name: text }>(true)
same<Row<'legacy.clinics'>['id'], text>(false)
same<Row<'legacy.clinic_names'>['id'], uuid | null>(true)
same<Row<'legacy.kinds'>['type'], LegacyStatus>(true)
same<Row<'legacy.kind_types'>['type'], LegacyStatus | null>(true)
same<Row<'legacy.kind_types_kept'>['type'], LegacyStatus | null>(true)
same<LegacyStatus, 'active' | 'on hold' | 'it\\'s "over"'>(true)
same<Row<'legacy.kinds'>['statuses'], ArrayOf<LegacyStatus>>(true)
same<Row<'legacy.kinds'>['at'], timestamptz | null>(true)
same<Row<'legacy.numbers'>['always'], int8>(true)
same<Row<'legacy.numbers'>['twice'], int4 | null>(true)
same<Row<'"Odd.Schema"."Order ""Items"".v2"'>['quote"d'], text | null>(true)

export const id: uuid = '…'
// @ts-expect-error a uuid is no text
export const notText: text = id

export const least: Insertable<Legacy['legacy.clinics']> = { region: 'north', name: 'A' }
export const most: Insertable<Legacy['legacy.clinics']> = { region: 'north', name: 'A', id }
// @ts-expect-error name has no default
export const nameless: Insertable<Legacy['legacy.clinics']> = { region: 'north' }
// @ts-expect-error name refuses nulls
export const nullName: Insertable<Legacy['legacy.clinics']> = { region: 'north', name: null }

export const noNumber: Insertable<Legacy['legacy.numbers']> = {}
export const numbers: Insertable<Legacy['legacy.numbers']> = { by_default: 1, serial: 2, loose: null }
export const ownNumber: Insertable<Legacy['legacy.numbers']> = { always: '1' }
// @ts-expect-error the server lets no update give the number
export const newNumber: Updateable<Legacy['legacy.numbers']> = { always: '1' }
// @ts-expect-error the server computes it
export const ownTwice: Updateable<Legacy['legacy.numbers']> = { twice: 1 }

// @ts-expect-error a partition is reached through its table
export type Partition = Legacy['legacy.events_rest']
`

test('knows exactly the types that drover exports', async () => {
  const exported = [...(await readFile(sqlTypesFile, 'utf8')).matchAll(/^export type (\w+) = /gm)].map(
    ([, name]) => name,
  )
  expect(exported.length).toBeGreaterThan(20)
  expect([...sqlTypes, ...renamedSqlTypes.values()].toSorted()).toEqual(exported.toSorted())
})

test('gives enums of like names, and those named like something else, types of their own', () => {
  const types = renderTypes(catalogWith(['a_b', 'a__b', 'aB', '1', 'größe', '!']), {
    interfaceName: 'SAB',
    schemas: ['s'],
  })
  expect([...types.matchAll(/^export type (\S+) = 'x'$/gm)].map(([, name]) => name)).toEqual([
    ...['SAB2', 'SAB3', 'SAB4', 'S1', 'SGröße', 'S'],
  ])
  expect(types).toContain(`    c2: SAB3 | null\n`)
})

test('writes no import where none is needed, and leaves out unused enums and other schemas', () => {
  const catalog = catalogWith(['used', 'unused'])
  const [table] = catalog.tables
  const narrow = {
    ...catalog,
    tables: [
      { ...table!, columns: table!.columns.slice(0, 1) },
      { ...table!, schema: 'u' },
    ],
  }
  expect(renderTypes(narrow, { interfaceName: 'App', schemas: ['s'] })).toBe(
    [
      '// Written by `drover types`. Do not edit.',
      '',
      "export type SUsed = 'x'",
      '',
      'export interface App {',
      "  's.t': {",
      '    c1: SUsed | null',
      '  }',
      '}',
      '',
    ].join('\n'),
  )
})

/** One table `s.t` with a column c1, c2, … for each enum. */
function catalogWith(enums: readonly string[]): Catalog {
  const columns = enums.map((name, index) => ({
    name: `c${index + 1}`,
    type: `s.${name}`,
    typeName: `s.${name}`,
    baseType: `s.${name}`,
    kind: 'enum' as const,
    notNull: false,
    default: null,
    identity: null,
    generated: null,
    collation: null,
    collationDeterministic: true,
    ordinal: index + 1,
  }))
  const table = {
    schema: 's',
    name: 't',
    kind: 'table' as const,
    columns,
    constraints: [],
    indexes: [],
    triggers: [],
    rowSecurity: false,
    forceRowSecurity: false,
    policies: [],
    owner: 'o',
    query: null,
    partitionKey: null,
    partitionOf: null,
    partitionBound: null,
    hasChildren: false,
    replicaIdentity: 'default' as const,
  }
  return {
    serverVersion: 180_000,
    schemas: ['s'],
    extensions: [],
    tables: [table],
    enums: enums.map((name) => ({ schema: 's', name, values: ['x'] })),
    domains: [],
    sequences: [],
  }
}

/** What the compiler says of the files, beside a `drover` that exports what the rendered modules import. */
async function compile(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-types-'))
  const drover = [
    `export type { Generated, GeneratedAlways } from 'kysely'`,
    `export type * from ${JSON.stringify(sqlTypesFile)}`,
  ]
  const options = {
    target: 'es2024',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
    paths: { drover: ['./drover.ts'] },
  }
  try {
    const all = {
      ...files,
      'drover.ts': drover.join('\n'),
      'package.json': JSON.stringify({ type: 'module' }),
      'tsconfig.json': JSON.stringify({ compilerOptions: options, include: ['*.ts'] }),
    }
    for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text)
    await symlink(nodeModules, join(folder, 'node_modules'), 'junction')
    const tsc = join(nodeModules, 'typescript/bin/tsc')
    await promisify(execFile)(process.execPath, [tsc, '--project', folder])
    return ''
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? String(error)
  } finally {
    await rm(folder, { recursive: true })
  }
}
