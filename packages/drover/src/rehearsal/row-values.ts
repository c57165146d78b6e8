import { type OperationNode, type RawNode, type ReferenceNode, sql } from 'kysely'
import type { Column, Table } from '../catalog/table.ts'
import { constantPlacer } from '../plan/constant.ts'
import { readsOf, splitRead } from '../plan/lineage.ts'
import type { MappingParts } from '../plan/row.ts'
import { castType } from '../plan/type-name.ts'
import { annotationOf, type Guard, rowAnnotations, wrapped } from '../sql/annotation.ts'
import { columnNode, expressionOf } from '../sql/nodes.ts'
import { rewriter, walk } from '../sql/tree.ts'

/** The expression over relations of the source alone; undefined where a run knows more than they hold. */
export function placed(parts: MappingParts, node: OperationNode): OperationNode | undefined {
  let isPlain = true
  walk(node, (child) => {
    const kind = annotationOf(child)?.kind
    isPlain &&= (kind === undefined || rowAnnotations.has(kind)) && child.kind !== 'SelectQueryNode'
  })
  return isPlain ? constantPlacer(parts.context)(node) : undefined
}

/** The aliases that an expression reads. */
export function aliasesIn(node: unknown): readonly string[] {
  return [...new Set(readsOf(node).map((read) => splitRead(read)[0]))]
}

/** The expression with what it reads of one relation read of another. */
export function renamed(node: OperationNode, alias: string, other: string): OperationNode {
  return rewriter((child) => {
    if (child.kind !== 'ReferenceNode') return child
    const { table, column } = child as ReferenceNode
    if (table?.table.identifier.name !== alias || column.kind !== 'ColumnNode') return child
    return columnNode(other, (column as { column: { name: string } } & OperationNode).column.name)
  })(node)
}

/** The columns of the target that an expression mentions, replaced by what the mapping makes them of. */
export function withTargetColumns({ mapping, target }: MappingParts, node: OperationNode): OperationNode {
  return rewriter((child) => {
    const annotation = annotationOf(child)
    if (annotation?.kind !== 'target') return child
    const made = mapping.columns[annotation.column]
    const column = target.columns.find(({ name }) => name === annotation.column)
    if (made === undefined || column === undefined) return child
    return sql`(${expressionOf(made)})::${sql.raw(castType(column.baseType))}`.toOperationNode()
  })(node)
}

/**
 * Something that rows share wherever the value is equal, made of the driving row alone, and that is itself equal only by
 * chance otherwise: the value, or the key of what it refers to where no two keys become one. Undefined where there is none.
 */
export function sharedByEqual(parts: MappingParts, node: OperationNode): OperationNode | undefined {
  const reference = requiredReference(parts, node)
  const shared = placed(parts, reference ?? withTargetColumns(parts, node))
  if (shared === undefined) return undefined
  const isOfRow = aliasesIn(shared).every((alias) => alias === parts.source.alias)
  return isOfRow && readsOf(shared).every((read) => comparesAsText(parts, read)) ? shared : undefined
}

/** The key of a reference that the value is, where rows are set aside whose reference leads nowhere. */
function requiredReference(parts: MappingParts, node: OperationNode): OperationNode | undefined {
  const guards: Guard[] = []
  let inner = node
  for (;;) {
    const annotation = annotationOf(inner)
    if (annotation?.kind === 'target') {
      const made = parts.mapping.columns[annotation.column]
      if (made === undefined) return undefined
      inner = made
    } else if (annotation?.kind === 'guarded' || annotation?.kind === 'once') {
      if (annotation.kind === 'guarded') guards.push(...annotation.guards)
      inner = wrapped(inner)
    } else if (annotation === undefined && isMereWrapping(inner)) {
      inner = (inner as RawNode).parameters[0]!
    } else break
  }
  const annotation = annotationOf(inner)
  if (annotation?.kind !== 'reference' || annotation.part !== 'target') return undefined
  const { mapping, key } = annotation
  const parent = parts.context.mappings.get(mapping)
  // Two keys may stand for one row there.
  if (parent === undefined || parent.identity !== undefined || parent.match !== undefined) return undefined
  const isRequired = guards.some(({ outcome, when }) => outcome === 'quarantine' && refersTo(when, mapping))
  return isRequired ? key : undefined
}

function isMereWrapping(node: OperationNode): boolean {
  const { sqlFragments, parameters } = node as Partial<RawNode>
  return parameters?.length === 1 && (sqlFragments ?? []).every((fragment) => /^[( )]*$/.test(fragment))
}

function refersTo(node: OperationNode, mapping: string): boolean {
  let refers = false
  walk(node, (child) => {
    const annotation = annotationOf(child)
    refers ||= annotation?.kind === 'reference' && annotation.mapping === mapping
  })
  return refers
}

/** Whether two values of the column that are equal are the same text. */
function comparesAsText({ source }: MappingParts, read: string): boolean {
  const [alias, name] = splitRead(read)
  const column = columnOf(source.tables.get(alias), name)
  return column === undefined || (column.collationDeterministic && !/(^interval|citext)$/.test(column.baseType))
}

function columnOf(table: Table | undefined, name: string): Column | undefined {
  return table?.columns.find((column) => column.name === name)
}
