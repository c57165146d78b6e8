import {
  AliasNode,
  type ColumnNode,
  IdentifierNode,
  type OperationNode,
  ReferenceNode,
  type SelectQueryNode,
  TableNode,
} from 'kysely'
import { walk } from '../sql/tree.ts'
import type { DeclaredContext } from './declared.ts'
import { readsOf } from './lineage.ts'
import { relationsOf } from './outputs.ts'
import { nameOf } from './source.ts'

/**
 * Complains of columns that a mapping hides, and that a check would show as the key of its rows, or in what it makes of
 * them.
 */
export function requireShowable(query: SelectQueryNode, key: readonly string[], context: DeclaredContext): void {
  const relations = relationsOf(query)
  for (const { selection } of query.selections ?? []) {
    const read = AliasNode.is(selection) ? selection.node : selection
    walk(read, (node) => {
      if (!ReferenceNode.is(node) || node.column.kind !== 'ColumnNode') return
      const column = (node.column as ColumnNode).column.name
      if (!key.includes(nameIn(selection) ?? column)) return
      const alias = node.table?.table.identifier.name
      // Without an alias it may be a column of any relation.
      const tables = [...relations].flatMap(([name, relation]) =>
        (alias === undefined || name === alias) && TableNode.is(relation) ? [nameOf(relation)] : [],
      )
      for (const table of tables) {
        const list = hides(table, column, context)
        if (list === undefined) continue
        context.complain(
          `its key is ${column} of ${table}, which \`${list}\` of a mapping hides: keys stand in every output. Name the rows by another column, as \`key\`.`,
        )
      }
    })
  }
}

function nameIn(selection: OperationNode): string | undefined {
  return AliasNode.is(selection) && IdentifierNode.is(selection.alias) ? selection.alias.name : undefined
}

/** The list of a mapping that names the column, or what a column of its target is made of. */
function hides(table: string, column: string, { definition }: DeclaredContext): 'secret' | 'personal' | undefined {
  return (['secret', 'personal'] as const).find((list) =>
    definition.mappings.some((mapping) => {
      const [driving] = mapping.from.from?.froms ?? []
      if (driving === undefined || !AliasNode.is(driving)) return false
      const isOfTable = TableNode.is(driving.node) && nameOf(driving.node) === table
      const alias = IdentifierNode.is(driving.alias) ? driving.alias.name : ''
      const reads = mapping.to === table ? readsOf(mapping.columns[column]) : []
      return (
        (isOfTable && mapping[list].includes(column)) ||
        mapping[list].some((name) => reads.includes(`${alias}.${name}`))
      )
    }),
  )
}
