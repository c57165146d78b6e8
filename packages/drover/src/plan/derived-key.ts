import { type OperationNode, ReferenceNode } from 'kysely'
import type { DomainType } from '../catalog/catalog.ts'
import type { Column } from '../catalog/table.ts'
import { annotationOf, wrapped } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { limitOf } from './assigned.ts'
import { keyColumns } from './key-columns.ts'
import type { MappingParts } from './row.ts'

/**
 * Whether every source key gives another target key by the way it is made: an id derived from the source key alone, or the
 * key itself in a column that takes no two of them for one: it neither rounds, cuts nor folds. 122 bits of a hash count as
 * another one.
 */
export function derivesKey(parts: MappingParts): boolean {
  const { mapping, targetKey, context } = parts
  const [key, ...further] = mapping.key
  if (key === undefined || further.length > 0 || !ReferenceNode.is(key)) return false
  const printed = compile(key)
  const [from] = keyColumns(parts) ?? []
  return targetKey.some((column) => {
    const node = mapping.columns[column.name]
    if (node === undefined) return false
    const isKept = from !== undefined && keepsApart(from, column, context.catalog.domains)
    return isDerivedFrom(node, printed) || (isKept && isCopyOf(node, printed))
  })
}

function isDerivedFrom(node: OperationNode, key: string): boolean {
  const annotation = annotationOf(node)
  return annotation?.kind === 'once' && (annotation.tellsApart === key || isDerivedFrom(wrapped(node), key))
}

function isCopyOf(node: OperationNode, key: string): boolean {
  if (annotationOf(node)?.kind === 'once') return isCopyOf(wrapped(node), key)
  return ReferenceNode.is(node) && compile(node) === key
}

const wholeNumbers: ReadonlySet<string> = new Set(['int2', 'int4', 'int8'])

/** Whether values that differ in one column differ in the other, too: one that does not fit is refused there. */
function keepsApart(from: Column, to: Column, domains: readonly DomainType[]): boolean {
  if (wholeNumbers.has(from.baseType) && wholeNumbers.has(to.baseType)) return true
  return from.baseType === to.baseType && to.collationDeterministic && limitOf(to.type, domains) === undefined
}
