import { type Catalog, type EnumType, elementTypeOf, qualifiedName } from './catalog.ts'
import { renderPropertyKey, renderString, renderTypeName } from './identifiers.ts'
import type { Column, Table } from './table.ts'
import { exportedTypeName } from './type-names.ts'

/** What is generated, and under which name. */
export interface TypesOptions {
  /** The name of the exported interface, e.g. `App`. */
  readonly interfaceName: string
  /** The schemas whose tables and views the interface holds. */
  readonly schemas: readonly string[]
}

/**
 * A TypeScript module that exports one Kysely database interface with the tables, views and foreign tables of the
 * schemas, and one type for each enum that they use. Keys are `schema.table`. Partitions are left out: their rows are
 * reached through the partitioned table. Columns are in the order of the table, everything else in the order of name.
 *
 * What may be left out on insert: a nullable column, one with a default or `identity by default` (`Generated`), and
 * `identity always` (`IdentityAlways`), which a run may give although an application may not. What must be left out: a
 * generated column (`GeneratedAlways`).
 */
export function renderTypes(catalog: Catalog, { interfaceName, schemas }: TypesOptions): string {
  const tables = catalog.tables.filter((table) => schemas.includes(table.schema) && table.partitionOf === null)
  const imports = new Set<string>()
  const enums = nameEnums(catalog, tables, interfaceName)
  const bodies = tables.map((table) => {
    const lines = table.columns.map(
      (column) => `    ${renderPropertyKey(column.name)}: ${renderColumn(table, column)}\n`,
    )
    return `  ${renderString(qualifiedName(table))}: {\n${lines.join('')}  }\n`
  })

  function renderColumn(table: Table, column: Column): string {
    const value = renderValue(column.baseType)
    const isView = table.kind === 'view' || table.kind === 'materialized view'
    const nullable = column.notNull && !isView ? value : `${value} | null`
    const wrapper = insertWrapper(column)
    if (wrapper === null) return nullable
    imports.add(wrapper)
    return `${wrapper}<${nullable}>`
  }

  function renderValue(baseType: string): string {
    if (baseType.endsWith('[]')) {
      imports.add('ArrayOf')
      return `ArrayOf<${renderValue(baseType.slice(0, -2))}>`
    }
    const enumName = enums.get(baseType)?.alias
    if (enumName !== undefined) return enumName
    const exported = exportedTypeName(baseType)
    imports.add(exported ?? 'Other')
    return exported ?? `Other<${renderString(baseType)}>`
  }

  return [
    '// Written by `drover types`. Do not edit.\n',
    renderImports(imports),
    ...[...enums.values()].map(({ alias, type }) => `\nexport type ${alias} = ${renderValues(type)}\n`),
    `\nexport interface ${interfaceName} {\n${bodies.join('')}}\n`,
  ].join('')
}

/** The type that tells Kysely which columns an insert may or must leave out. */
function insertWrapper(column: Column): 'Generated' | 'GeneratedAlways' | 'IdentityAlways' | null {
  if (column.generated !== null) return 'GeneratedAlways'
  if (column.identity === 'always') return 'IdentityAlways'
  return column.default !== null || column.identity === 'by default' ? 'Generated' : null
}

interface NamedEnum {
  readonly alias: string
  readonly type: EnumType
}

/** The enums that the tables use, by qualified name, each with a type name of its own. */
function nameEnums(catalog: Catalog, tables: readonly Table[], interfaceName: string): ReadonlyMap<string, NamedEnum> {
  const used = new Set(tables.flatMap((table) => table.columns.map((column) => elementTypeOf(column.baseType))))
  const taken = new Set([interfaceName, 'ArrayOf', 'Generated', 'GeneratedAlways', 'IdentityAlways', 'Other'])
  const named = new Map<string, NamedEnum>()
  for (const type of catalog.enums) {
    const name = qualifiedName(type)
    if (!used.has(name)) continue
    const base = renderTypeName(`${type.schema}.${type.name}`)
    let alias = base
    for (let number = 2; taken.has(alias); number += 1) alias = `${base}${number}`
    taken.add(alias)
    named.set(name, { alias, type })
  }
  return named
}

function renderValues(type: EnumType): string {
  return type.values.length === 0 ? 'never' : type.values.map(renderString).join(' | ')
}

function renderImports(names: ReadonlySet<string>): string {
  if (names.size === 0) return ''
  const lines = [...names].sort().map((name) => `  ${name},\n`)
  return `import type {\n${lines.join('')}} from 'drover'\n`
}
