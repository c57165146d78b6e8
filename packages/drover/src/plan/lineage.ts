import { type ColumnNode, type ReferenceNode, TableNode } from 'kysely'
import { qualifiedName } from '../catalog/catalog.ts'
import { isNode, marksIn, remembered } from '../sql/tree.ts'
import type { MappingParts } from './row.ts'
import { nameOf } from './source.ts'

/** The columns that an expression reads, as `alias.column`, from Kysely's own reference nodes. */
export function readsOf(root: unknown): readonly string[] {
  if (typeof root !== 'object' || root === null) return []
  return Array.isArray(root) ? [...new Set(root.flatMap(readsOf))].sort() : readsUnder(root)
}

const readsUnder = remembered((root: object): readonly string[] => {
  const reads = new Set<string>()
  for (const node of marksIn(root)) {
    if (node.kind !== 'ReferenceNode') continue
    const { table, column } = node as ReferenceNode
    if (table && column.kind === 'ColumnNode')
      reads.add(`${table.table.identifier.name}.${(column as ColumnNode).column.name}`)
  }
  return [...reads].sort()
})

/**
 * Source columns that no mapping of the migration reads and none lists in `dropped`, a sentence each: nothing is left
 * behind by oversight. A table that a stored query reads counts as read as a whole.
 */
export function unreadColumns(all: readonly MappingParts[]): readonly string[] {
  const tables = new Map<string, { readonly parts: MappingParts; readonly unread: Set<string> }>()
  for (const parts of all) {
    const { driving } = parts.source
    // What a mapping derives from or evolves stays where it is.
    if (driving.kind !== 'table' || parts.mapping.kind !== 'copy') continue
    const name = qualifiedName(driving.table)
    if (!tables.has(name))
      tables.set(name, { parts, unread: new Set(driving.table.columns.map((column) => column.name)) })
  }
  for (const parts of all) {
    const { mapping, source } = parts
    const { key, where, identity, survivor, match, compute, columns } = mapping
    for (const read of readsOf([source.joins, key, where, identity, survivor, match, compute?.reads, columns])) {
      const [alias, column] = splitRead(read)
      const table = source.tables.get(alias)
      if (table) tables.get(qualifiedName(table))?.unread.delete(column)
    }
    for (const column of mapping.dropped) {
      if (source.driving.kind === 'table') tables.get(qualifiedName(source.driving.table))?.unread.delete(column)
    }
  }
  return [...tables].flatMap(([name, { parts, unread }]) =>
    unread.size === 0
      ? []
      : [
          `${name}: no expression reads ${[...unread].join(', ')}. Map them, or add to mapping ${parts.mapping.name}: dropped: [${[...unread].map((column) => `'${column}'`).join(', ')}].`,
        ],
  )
}

/** An entry of {@link readsOf} as alias and column. */
export function splitRead(read: string): readonly [string, string] {
  const dot = read.indexOf('.')
  return [read.slice(0, dot), read.slice(dot + 1)]
}

/** The tables that a query names anywhere, for the catalog that the plan keeps. */
export function tablesIn(root: unknown): readonly string[] {
  if (typeof root !== 'object' || root === null) return []
  return Array.isArray(root) ? [...new Set(root.flatMap(tablesIn))].sort() : tablesUnder(root)
}

const tablesUnder = remembered((root: object): readonly string[] => {
  if (!isNode(root)) return tablesIn(Object.values(root))
  const names = new Set<string>()
  for (const node of marksIn(root)) if (TableNode.is(node) && node.table.schema !== undefined) names.add(nameOf(node))
  return [...names].sort()
})
