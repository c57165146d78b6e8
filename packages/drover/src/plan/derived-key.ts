import { type OperationNode, ReferenceNode } from 'kysely'
import { annotationOf, wrapped } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import type { MappingParts } from './row.ts'

/**
 * Whether every source key gives another target key by the way it is made: an id derived from the source key alone, or the
 * key itself. 122 bits of a hash count as another one.
 */
export function derivesKey({ mapping, targetKey }: MappingParts): boolean {
  const [key, ...further] = mapping.key
  if (key === undefined || further.length > 0 || !ReferenceNode.is(key)) return false
  const printed = compile(key)
  return targetKey.some(({ name }) => {
    const node = mapping.columns[name]
    return node !== undefined && isDerivedFrom(node, printed)
  })
}

function isDerivedFrom(node: OperationNode, key: string): boolean {
  const annotation = annotationOf(node)
  if (annotation?.kind === 'once') return annotation.tellsApart === key || isDerivedFrom(wrapped(node), key)
  return ReferenceNode.is(node) && compile(node) === key
}
