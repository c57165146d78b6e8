import {
  AliasNode,
  type ColumnNode,
  IdentifierNode,
  type OperationNode,
  ReferenceNode,
  type SelectQueryNode,
  TableNode,
} from 'kysely'
import type { DeclaredContext } from './declared.ts'
import { relationsOf } from './outputs.ts'
import { nameOf } from './source.ts'

/** Complains of columns that a mapping hides, and that a check would show as the key of its rows. */
export function requireShowable(query: SelectQueryNode, key: readonly string[], context: DeclaredContext): void {
  const relations = relationsOf(query)
  for (const { selection } of query.selections ?? []) {
    const reference = AliasNode.is(selection) ? selection.node : selection
    if (!ReferenceNode.is(reference) || reference.column.kind !== 'ColumnNode') continue
    const column = (reference.column as ColumnNode).column.name
    const relation = relations.get(reference.table?.table.identifier.name ?? '')
    if (!key.includes(nameIn(selection) ?? column) || relation === undefined || !TableNode.is(relation)) continue
    const list = hides(nameOf(relation), column, context)
    if (list === undefined) continue
    context.complain(
      `its key is ${column} of ${nameOf(relation)}, which \`${list}\` of a mapping names: keys stand in every output. Name the rows by another column, as \`key\`.`,
    )
  }
}

function nameIn(selection: OperationNode): string | undefined {
  return AliasNode.is(selection) && IdentifierNode.is(selection.alias) ? selection.alias.name : undefined
}

/** The list of a mapping from the table that names the column. */
function hides(table: string, column: string, { definition }: DeclaredContext): 'secret' | 'personal' | undefined {
  const mappings = definition.mappings.filter(({ from }) => {
    const [driving] = from.from?.froms ?? []
    return (
      driving !== undefined && AliasNode.is(driving) && TableNode.is(driving.node) && nameOf(driving.node) === table
    )
  })
  return (['secret', 'personal'] as const).find((list) => mappings.some((mapping) => mapping[list].includes(column)))
}
