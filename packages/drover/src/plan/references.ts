import { type OperationNode, RawNode } from 'kysely'
import { annotationOf, wrapped } from '../sql/annotation.ts'
import type { ReferencePlan } from './plan.ts'
import type { MappingParts } from './row.ts'

/** The columns that hold a key of another mapping's target as it is. */
export function referencePlans({ mapping, targetColumns, context }: MappingParts): readonly ReferencePlan[] {
  return targetColumns.flatMap(({ name }) => {
    const referred = carriedFrom(mapping.columns[name])?.map((other) => context.mappings.get(other))
    const [first] = referred ?? []
    if (first === undefined) return []
    const { to, targetKey } = first
    const leadsThere = referred!.every((other) => other?.to === to && other.targetKey === targetKey)
    return leadsThere ? [{ column: name, target: to, key: targetKey }] : []
  })
}

/**
 * The mappings whose keys an expression gives, and nothing else: a reference, or the first of several. Undefined where it
 * may give something else; none where it is what stands between operands.
 */
function carriedFrom(node: OperationNode | undefined): readonly string[] | undefined {
  if (node === undefined) return undefined
  const annotation = annotationOf(node)
  switch (annotation?.kind) {
    case 'reference':
      return annotation.part === 'target' ? [annotation.mapping] : undefined
    case 'guarded':
    case 'once':
      return carriedFrom(wrapped(node))
    case undefined:
      break
    default:
      return undefined
  }
  if (!RawNode.is(node) || !node.sqlFragments.every(isTransparent)) return undefined
  const each = node.parameters.map(carriedFrom)
  return each.includes(undefined) ? undefined : each.flatMap((names) => names ?? [])
}

/** SQL that hands one of its operands on. */
const transparent = /^(coalesce\()?[ (),]*$/

function isTransparent(fragment: string): boolean {
  return fragment === '' || transparent.test(fragment)
}
