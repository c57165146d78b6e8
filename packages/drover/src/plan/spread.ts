import { type ColumnNode, type OperationNode, ReferenceNode } from 'kysely'
import { findTable, qualifiedName } from '../catalog/catalog.ts'
import { type Distribution, isColocated } from '../catalog/distribution.ts'
import { annotationsIn } from '../sql/annotation.ts'
import { parseName } from '../sql/nodes.ts'
import type { SpreadPlan } from './plan.ts'
import type { MappingParts } from './row.ts'

/** How the rows of a mapping come to lie on the nodes of a cluster; undefined where the target is a table of one server. */
export function spreadPlan(parts: MappingParts): SpreadPlan | undefined {
  const { distribution } = parts.target
  if (distribution === undefined) return undefined
  const { kind, column } = distribution
  return { kind, column, notes: [...placeNotes(parts, distribution), ...searchNotes(parts)] }
}

/** Where a row that is written goes. */
function placeNotes({ mapping, source }: MappingParts, distribution: Distribution): readonly string[] {
  const { kind, column } = distribution
  if (kind === 'reference') return [`Every row of ${mapping.to} is written on every node.`]
  if (kind === 'local') return []
  if (column === null) return [`All rows of ${mapping.to} lie on one node.`]
  if (mapping.kind === 'evolve') return [`Rows of ${mapping.to} stay where they lie, by their ${column}.`]
  const own = mapping.columns[column]
  const { driving, alias } = source
  const beside = driving.kind === 'table' ? driving.table.distribution : undefined
  const isBeside =
    beside !== undefined &&
    isColocated(beside, distribution) &&
    own !== undefined &&
    isColumn(own, alias, beside.column)
  return [
    isBeside
      ? `A row of ${mapping.to} lies on the node of its source row, by ${column}.`
      : `A row of ${mapping.to} goes to the node of its ${column}, which is made for it: rows are repartitioned.`,
  ]
}

function isColumn(node: OperationNode, alias: string, name: string | null): boolean {
  if (!ReferenceNode.is(node) || node.table?.table.identifier.name !== alias) return false
  return (node.column as ColumnNode).column.name === name
}

/** What is looked for on every shard, because it is not named by the value that tells its place. */
function searchNotes({ mapping, target, context }: MappingParts): readonly string[] {
  const notes: string[] = []
  const column = target.distribution?.column ?? null
  if (mapping.match !== undefined && column !== null) {
    const named = annotationsIn(mapping.match.on).some((each) => each.kind === 'existing' && each.column === column)
    if (!named)
      notes.push(`The match asks all shards of ${mapping.to} for rows that are there: it does not name ${column}.`)
  }
  const { columns, where, identity, survivor, match } = mapping
  const looked = annotationsIn([columns, where, identity, survivor, match?.on]).flatMap((each) => {
    if (each.kind !== 'lookup') return []
    const other = context.mappings.get(each.mapping)
    const table = other && findTable(context.catalog, qualifiedName(parseName(other.to)))
    const spread = table?.distribution?.column ?? null
    return other === undefined || spread === null || spread === other.targetKey
      ? []
      : [`A look-up asks all shards of ${other.to}: it goes by ${other.targetKey}, and rows lie by ${spread}.`]
  })
  return [...notes, ...new Set(looked)]
}
