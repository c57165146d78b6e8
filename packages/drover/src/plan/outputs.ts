import {
  AliasNode,
  type ColumnNode,
  IdentifierNode,
  type OperationNode,
  ReferenceNode,
  SelectAllNode,
  SelectQueryNode,
} from 'kysely'
import type { Catalog } from '../catalog/catalog.ts'
import { tableOf, unparenthesised } from './source.ts'

/** The names of the columns that a query gives; undefined where it does not tell, such as of a function's rows. */
export function outputsOf(query: SelectQueryNode, catalog: Catalog): readonly string[] | undefined {
  const relations = relationsOf(query)
  const all = (relation: OperationNode | undefined) => relation && columnsOf(relation, catalog)
  const names = (query.selections ?? []).map(({ selection }): readonly string[] | undefined => {
    if (AliasNode.is(selection)) return IdentifierNode.is(selection.alias) ? [selection.alias.name] : undefined
    if (SelectAllNode.is(selection)) {
      const each = [...relations.values()].map(all)
      return each.includes(undefined) ? undefined : each.flatMap((columns) => columns ?? [])
    }
    if (!ReferenceNode.is(selection)) return undefined
    if (!SelectAllNode.is(selection.column)) return [(selection.column as ColumnNode).column.name]
    return all(relations.get(selection.table?.table.identifier.name ?? ''))
  })
  return names.includes(undefined) ? undefined : names.flatMap((some) => some ?? [])
}

function columnsOf(relation: OperationNode, catalog: Catalog): readonly string[] | undefined {
  const node = unparenthesised(relation)
  if (SelectQueryNode.is(node)) return outputsOf(node, catalog)
  return tableOf(node, catalog)?.columns.map(({ name }) => name)
}

/** The relations that a query reads, by alias. */
export function relationsOf(query: SelectQueryNode): ReadonlyMap<string, OperationNode> {
  const relations = [...(query.from?.froms ?? []), ...(query.joins ?? []).map(({ table }) => table)]
  return new Map(
    relations.flatMap((relation) =>
      AliasNode.is(relation) && IdentifierNode.is(relation.alias)
        ? [[relation.alias.name, relation.node] as const]
        : [],
    ),
  )
}
