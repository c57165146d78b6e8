import {
  AliasNode,
  type ColumnNode,
  IdentifierNode,
  type OperationNode,
  ReferenceNode,
  SelectAllNode,
  SelectQueryNode,
} from 'kysely'
import { type Catalog, qualifiedName } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { keyColumns } from './key-columns.ts'
import { isFixable } from './overlay.ts'
import type { OriginPlan } from './plan.ts'
import type { MappingParts } from './row.ts'
import { tableOf, unparenthesised } from './source.ts'

/**
 * The table whose rows are the mapping's rows, where they can be fixed: the driving table; or, of a stored query, the table
 * whose primary key it hands on as the mapping's key.
 */
export function originOf(parts: MappingParts): OriginPlan | null {
  const { driving } = parts.source
  const { overlay } = parts.context
  if (driving.kind === 'table') {
    if (!isFixable(driving.table, overlay)) return null
    const names = keyColumns(parts)?.map(({ name }) => name)
    return { relation: driving.name, sharesKey: isSame(names, driving.table.primaryKey) }
  }
  const table = tableBehindKey(parts)
  return table && isFixable(table, overlay) ? { relation: qualifiedName(table), sharesKey: true } : null
}

function tableBehindKey({ mapping, source, context }: MappingParts): Table | undefined {
  const [key] = mapping.key
  if (source.driving.kind === 'table' || mapping.key.length !== 1 || !ReferenceNode.is(key!)) return undefined
  return tableBehind(source.driving.query, (key.column as ColumnNode).column.name, context.catalog)
}

/** The table whose primary key a query hands on under a name, by way of subqueries or directly. */
function tableBehind(query: SelectQueryNode, name: string, catalog: Catalog): Table | undefined {
  const relations = [...(query.from?.froms ?? []), ...(query.joins ?? []).map((join) => join.table)]
  for (const { selection } of query.selections ?? []) {
    const column = handedOn(selection, name)
    const relation = relations.find(
      (node): node is AliasNode =>
        AliasNode.is(node) && IdentifierNode.is(node.alias) && node.alias.name === column?.alias,
    )
    if (column === undefined || relation === undefined) continue
    const inner = unparenthesised(relation.node)
    if (SelectQueryNode.is(inner)) return tableBehind(inner, column.name, catalog)
    const table = tableOf(inner, catalog)
    if (table && isSame([column.name], table.primaryKey)) return table
  }
  return undefined
}

/** The column that a selection hands on under a name. */
function handedOn(
  selection: OperationNode,
  name: string,
): { readonly alias: string; readonly name: string } | undefined {
  const aliased = AliasNode.is(selection) && IdentifierNode.is(selection.alias) ? selection : undefined
  const node = aliased ? aliased.node : selection
  if (!ReferenceNode.is(node)) return undefined
  const alias = node.table?.table.identifier.name
  if (alias === undefined) return undefined
  if (SelectAllNode.is(node.column)) return { alias, name }
  const own = node.column.column.name
  const given = aliased ? (aliased.alias as IdentifierNode).name : own
  return given === name ? { alias, name: own } : undefined
}

function isSame(names: readonly string[] | undefined, key: readonly string[] | null | undefined): boolean {
  return names !== undefined && names.length === key?.length && names.every((name, i) => name === key[i])
}
