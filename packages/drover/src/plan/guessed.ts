import { type RawBuilder, sql } from 'kysely'
import { type Catalog, findTable, isUniqueOn, qualifiedName } from '../catalog/catalog.ts'
import type { Column, Table } from '../catalog/table.ts'
import { sourceKey } from '../define/reference.ts'
import { compile } from '../sql/compile.ts'
import { columnNode, expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { splitRead } from './lineage.ts'
import { tablesFrom } from './passes.ts'
import type { MappingParts } from './row.ts'
import { lowest, verdict } from './rule-query.ts'
import { referencesOf } from './source-references.ts'

/** A reference that its name alone tells of: nobody declared it, neither the source nor a mapping. */
export interface GuessedReference {
  readonly column: string
  /** `schema.name` of the table that it seems to point at, and the column. */
  readonly parent: string
  readonly parentColumn: string
}

/** The guessed references of one table. */
export interface GuessPlan {
  readonly table: string
  readonly references: readonly GuessedReference[]
  /** Returns `orphans`: for each reference a JSON object `{ n, keys }`; keys are those of the table's primary key. */
  readonly statement: string
}

/**
 * Columns named like `<singular of a table>_id`, of the type of that table's key, that no one declared as a reference.
 * `tables`: the source tables that are looked at.
 */
export function guessesOf(
  all: readonly MappingParts[],
  tables: readonly string[],
  catalog: Catalog,
): readonly GuessPlan[] {
  const declared = declaredColumns(all)
  return tables.flatMap((name) => {
    const table = findTable(catalog, name)
    if (table === undefined || table.kind === 'foreign') return []
    const references = table.columns.flatMap((column) => {
      if (declared.has(`${name}.${column.name}`) || isForeignKey(table, column)) return []
      const parent = guessParent(table, column, catalog)
      return parent === undefined
        ? []
        : [{ column: column.name, parent: qualifiedName(parent), parentColumn: keyOf(parent)!.name }]
    })
    return references.length === 0
      ? []
      : [{ table: name, references, statement: orphansOf(table, references, catalog, mayName(all, table)) }]
  })
}

/** Columns of tables that a mapping's reference is made of; of a query, of every table in it. */
function declaredColumns(all: readonly MappingParts[]): ReadonlySet<string> {
  const columns = new Set<string>()
  for (const parts of all) {
    for (const { reads } of referencesOf(parts)) {
      for (const [alias, column] of reads.map(splitRead)) {
        const table = parts.source.tables.get(alias)
        const tables = table ? [qualifiedName(table)] : tablesBehind(parts)
        for (const name of tables) columns.add(`${name}.${column}`)
      }
    }
  }
  return columns
}

function tablesBehind({ mapping, context }: MappingParts): readonly string[] {
  return tablesFrom(mapping.from).filter((name) => findTable(context.catalog, name) !== undefined)
}

function isForeignKey(table: Table, { name }: Column): boolean {
  return table.constraints.some(
    ({ kind, columns, validated }) => kind === 'foreign' && validated && columns.includes(name),
  )
}

function guessParent(table: Table, column: Column, catalog: Catalog): Table | undefined {
  const word = /^(.+)_id$/.exec(column.name)?.[1]
  if (word === undefined) return undefined
  return catalog.tables.find((parent) => {
    const key = keyOf(parent)
    return (
      parent.schema === table.schema &&
      key?.baseType === column.baseType &&
      (parent.name === word || singularsOf(parent.name).includes(word)) &&
      !(parent === table && key.name === column.name)
    )
  })
}

function singularsOf(name: string): readonly string[] {
  const cut = (ending: string, other = '') => (name.endsWith(ending) ? [name.slice(0, -ending.length) + other] : [])
  return [...cut('s'), ...cut('es'), ...cut('ies', 'y')]
}

/** Whether the key may be shown: not where a mapping that reads the table says that it is secret or personal. */
function mayName(all: readonly MappingParts[], table: Table): boolean {
  const name = qualifiedName(table)
  return !all.some(
    ({ mapping }) =>
      tablesFrom(mapping.from).includes(name) &&
      [...mapping.secret, ...mapping.personal].some((column) => table.primaryKey?.includes(column)),
  )
}

/** The one column that rows are told apart by. */
function keyOf(table: Table): Column | undefined {
  const [name, ...more] = table.primaryKey ?? ['id']
  if (more.length > 0 || !isUniqueOn(table, [name!])) return undefined
  return table.columns.find((column) => column.name === name)
}

function orphansOf(table: Table, references: readonly GuessedReference[], catalog: Catalog, isNamed: boolean): string {
  const key =
    table.primaryKey === undefined || !isNamed
      ? sql`null::text`
      : expressionOf(sourceKey(table.primaryKey.map((name) => expressionOf(columnNode('t', name)))).toOperationNode())
  const own = expressionOf(tableNode(table))
  const parentOf = (name: string) => expressionOf(tableNode(findTable(catalog, name)!))
  const isOrphan = ({ column }: GuessedReference, i: number) => {
    const alias = id(`p${i + 1}`)
    return sql`t.${id(column)} is not null and ${alias}.is_there is null`
  }
  const join = ({ column, parent, parentColumn }: GuessedReference, i: number) => {
    const alias = id(`p${i + 1}`)
    return sql`
  left join (select ${id(parentColumn)}, true as is_there from ${parentOf(parent)} as p) as ${alias} on ${alias}.${id(parentColumn)} = t.${id(column)}`
  }
  const counts = references.map(
    (reference, i) => sql`count(*) filter (where ${isOrphan(reference, i)}) as ${id(`n${i + 1}`)}`,
  )
  const found = references.map((reference, i) => {
    const query = sql`select ${key} as key from ${own} as t${join(reference, i)} where ${isOrphan(reference, i)}`
    return verdict(sql`(select ${id(`n${i + 1}`)} from counted)`, lowest(query))
  })
  return compile(
    sql`with counted as materialized (
  select ${sql.join(counts)}
  from ${own} as t${sql.join(references.map(join), sql``)}
)
select array[${sql.join(found)}]::text[] as orphans`.toOperationNode(),
  )
}

function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
