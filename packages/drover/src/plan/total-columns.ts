import { type OperationNode, sql } from 'kysely'
import type { TotalDefinition } from '../define/total.ts'
import { annotationOf, rowAnnotations, wrapped } from '../sql/annotation.ts'
import { columnNode, expressionOf } from '../sql/nodes.ts'
import { rewriter, walk } from '../sql/tree.ts'
import { constantPlacer } from './constant.ts'
import { readsOf } from './lineage.ts'
import type { ColumnPlan } from './plan.ts'
import type { MappingParts } from './row.ts'
import { aliasesOf } from './source.ts'
import type { TransformContext } from './transform.ts'

/** The columns of the target that a part of a control total reads, in the order of their first mention. */
export function totalColumnsIn(root: unknown): readonly string[] {
  const names = new Set<string>()
  walk(root, (node) => {
    const annotation = annotationOf(node)
    if (annotation?.kind === 'existing') names.add(annotation.column)
  })
  return [...names]
}

/** Places what reads the target over its row, which stands under the alias `existing`. */
export function targetPlacer(context: TransformContext): (node: OperationNode) => OperationNode {
  const column = rewriter((node) => {
    const annotation = annotationOf(node)
    if (annotation?.kind === 'existing') return columnNode('existing', annotation.column)
    return annotation?.kind === 'once' ? sql`(${expressionOf(wrapped(node))})`.toOperationNode() : node
  })
  const constant = constantPlacer(context)
  return (node) => constant(column(node))
}

/** Why the control totals of a mapping cannot be taken, a sentence each; none where they can. */
export function totalFindings(parts: MappingParts, columns: readonly ColumnPlan[]): readonly string[] {
  const { kind, totals } = parts.mapping
  if (kind === 'evolve') {
    return ['control totals cannot be taken of rows that evolve: what they were made from is gone. Leave `totals` out.']
  }
  return totals.flatMap((total) =>
    [...madeByRun(total), ...misread(parts, total), ...hidden(parts, columns, total)].map(
      (finding) => `total ${total.name} ${finding}`,
    ),
  )
}

function madeByRun({ source, target, by }: TotalDefinition): readonly string[] {
  const isMade = (root: unknown, side: 'source' | 'target') => {
    let made = false
    walk(root, (node) => {
      const annotation = annotationOf(node)
      const isOfSide = side === 'target' && annotation?.kind === 'existing'
      made ||= annotation !== undefined && !rowAnnotations.has(annotation.kind) && !isOfSide
    })
    return made
  }
  return [
    ...(isMade(source, 'source')
      ? [
          'reads in `source` what the run makes. Read the columns of `from`: the sum must be known before the first chunk.',
        ]
      : []),
    ...(isMade([target, by], 'target')
      ? ['reads in `target` or `by` what the run makes. Read the columns of the target.']
      : []),
  ]
}

function misread({ mapping, target }: MappingParts, total: TotalDefinition): readonly string[] {
  const missing = totalColumnsIn([total.target, total.by]).filter(
    (name) => !target.columns.some((column) => column.name === name),
  )
  const aliases = aliasesOf(mapping.from)
  const foreign = readsOf([total.target, total.by]).filter((read) =>
    aliases.some((alias) => read.startsWith(`${alias}.`)),
  )
  return [
    ...(missing.length === 0 ? [] : [`reads ${missing.join(', ')}, and ${mapping.to} has no such column.`]),
    ...(foreign.length === 0
      ? []
      : [`reads ${foreign.join(', ')} in \`target\` or \`by\`, which know the row of ${mapping.to} alone.`]),
  ]
}

/** A total is shown as it is, and so are the values that it is grouped by. */
function hidden({ mapping, source }: MappingParts, columns: readonly ColumnPlan[], total: TotalDefinition) {
  return (['secret', 'personal'] as const).flatMap((list) => {
    const names = new Set(mapping[list].map((column) => `${source.alias}.${column}`))
    const isHidden = (read: string) => names.has(read)
    const shown = [
      ...readsOf(total.source).filter(isHidden),
      ...totalColumnsIn([total.target, total.by]).filter((name) =>
        columns.find((column) => column.name === name)?.reads.some(isHidden),
      ),
    ]
    if (shown.length === 0) return []
    return [
      `reads ${shown.join(', ')}, which \`${list}\` hides: control totals and their groups are shown as they are.`,
    ]
  })
}
