import { type ColumnNode, ReferenceNode } from 'kysely'
import type { Column } from '../catalog/table.ts'
import type { MappingParts } from './row.ts'

/**
 * The columns of the driving table that make the key, where it is made of plain columns. A type of an extension is out:
 * its operators are not on the search path, and those of the type that it would be read as have another order.
 */
export function keyColumns(parts: MappingParts): readonly Column[] | undefined {
  const { driving, alias } = parts.source
  if (driving.kind !== 'table') return undefined
  const columns = parts.mapping.key.map((node) => {
    if (!ReferenceNode.is(node) || node.table?.table.identifier.name !== alias) return undefined
    const { name } = (node.column as ColumnNode).column
    return driving.table.columns.find(
      (column) => column.name === name && (column.kind === 'enum' || !column.baseType.includes('.')),
    )
  })
  return columns.every((column) => column !== undefined) ? columns : undefined
}
