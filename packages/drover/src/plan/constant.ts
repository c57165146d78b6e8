import { type OperationNode, sql } from 'kysely'
import { type Annotation, annotationOf, wrapped } from '../sql/annotation.ts'
import { expressionOf, identifier, tableNode } from '../sql/nodes.ts'
import { rewriter, unannotated } from '../sql/tree.ts'
import { ledgerTables } from './plan.ts'
import { targetOf } from './reference-target.ts'
import { ledgerRefused } from './source.ts'
import type { TransformContext } from './transform.ts'

/** What placing takes where there is no row. */
export type ConstantContext = Pick<TransformContext, 'catalog' | 'cutover' | 'mappings' | 'complain'>

/** Places expressions where there is no row to join to: the query that a mapping reads from. */
export function constantPlacer(context: ConstantContext) {
  return rewriter((node) => {
    const annotation = annotationOf(node)
    if (annotation === undefined) return node
    if (['guarded', 'once', 'document'].includes(annotation.kind)) return wrapped(node)
    return replaceConstant(node, annotation, context)
  }, unannotated)
}

/** What reads from no row: the cutover, the crosswalk of a mapping, what the server and its extensions offer. */
export function replaceConstant(node: OperationNode, annotation: Annotation, context: ConstantContext): OperationNode {
  switch (annotation.kind) {
    case 'cutover':
      return sql`timestamp with time zone ${sql.lit(context.cutover)}`.toOperationNode()
    case 'crosswalk': {
      const { target, key } = targetOf(annotation.mapping, context, 'crosswalk')
      if (!target) return node
      const relation = tableNode(ledgerTables.crosswalk(annotation.mapping))
      return sql`(select source_key, disposition, ${expressionOf(identifier(key))} as id from ${expressionOf(relation)})`.toOperationNode()
    }
    case 'extension': {
      const extension = context.catalog.extensions.find(({ name }) => name === annotation.extension)
      if (extension) return tableNode({ schema: extension.schema, name: annotation.function })
      context.complain(
        `${annotation.function}() needs the extension ${annotation.extension}. Run: create extension "${annotation.extension}".`,
      )
      return node
    }
    case 'since':
      return Math.floor(context.catalog.serverVersion / 10_000) >= annotation.version
        ? wrapped(node)
        : annotation.before
    case 'ledger':
      context.complain(ledgerRefused)
      return node
    default:
      context.complain(`ref() and lookup() cannot be used inside \`from\`; join crosswalk() there.`)
      return node
  }
}
