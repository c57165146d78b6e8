import { type OperationNode, type RawBuilder, sql } from 'kysely'
import { type Catalog, findTable, qualifiedName } from '../catalog/catalog.ts'
import type { Constraint, Table } from '../catalog/table.ts'
import type { MappingParts } from '../plan/row.ts'
import { columnNode, expressionOf } from '../sql/nodes.ts'
import type { Grouping } from './draw.ts'
import { renamed } from './row-values.ts'

/** Rows of `to` that a row of `from` reads: whoever takes the one takes the others. */
export interface Edge {
  readonly from: Table
  readonly fromAlias: string
  readonly to: Table
  readonly toAlias: string
  /** Over both aliases. */
  readonly on: OperationNode
}

/** Edges, and the tables of which it cannot be told which of their rows are read: these are needed whole. */
export interface Reads {
  readonly edges: readonly Edge[]
  /** A sentence's end for each, by qualified name. */
  readonly whole: readonly (readonly [table: string, why: string])[]
}

/** What the foreign keys of a table lead to. */
export function foreignKeyReads(table: Table, catalog: Catalog): Reads {
  const edges: Edge[] = []
  const whole: [string, string][] = []
  for (const constraint of table.constraints) {
    const name = referencedBy(constraint)
    const parent = name === undefined ? undefined : findTable(catalog, name)
    if (parent === undefined) continue
    const { columns, period } = constraint.references!
    if (period) whole.push([qualifiedName(parent), `the foreign key ${constraint.name} compares periods`])
    const pairs = constraint.columns.map((column, i) => sameColumn(table, column, parent, columns[i]!))
    const on = sql.join(pairs, sql` and `).toOperationNode()
    edges.push({ from: table, fromAlias: 'child', to: parent, toAlias: 'parent', on })
  }
  return { edges, whole }
}

/** The table that a foreign key leads to, by its qualified name. */
export function referencedBy({ references }: Constraint): string | undefined {
  return references && qualifiedName({ schema: references.schema, name: references.table })
}

/** The rows of a group that belong to one of them. */
export function mateEdge(parts: MappingParts, { by }: Grouping): Edge {
  const { driving, alias } = parts.source
  const table = (driving as { table: Table }).table
  const list = (nodes: readonly OperationNode[]) => sql`jsonb_build_array(${sql.join(nodes.map(expressionOf))})`
  const mates = by.map((node) => renamed(node, alias, 'mate'))
  return {
    from: table,
    fromAlias: alias,
    to: table,
    toAlias: 'mate',
    on: sql`${list(by)} = ${list(mates)}`.toOperationNode(),
  }
}

function sameColumn(child: Table, column: string, parent: Table, other: string): RawBuilder<unknown> {
  const [one, two] = [columnNode('child', column), columnNode('parent', other)]
  const collationOf = (table: Table, name: string) => table.columns.find((each) => each.name === name)?.collation
  // Of two collations the server cannot choose by itself.
  if (collationOf(child, column) !== collationOf(parent, other)) return sql`${expressionOf(sameText(one, two))}`
  return sql`${expressionOf(one)} = ${expressionOf(two)}`
}

/** Holds where two values are the same text. */
export function sameText(one: OperationNode, other: OperationNode): OperationNode {
  return sql`(${expressionOf(one)})::text collate "C" = (${expressionOf(other)})::text collate "C"`.toOperationNode()
}
