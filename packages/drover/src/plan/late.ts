import type { OperationNode } from 'kysely'
import { type Annotation, annotationOf, annotationsIn, wrapped } from '../sql/annotation.ts'
import { compile } from '../sql/compile.ts'
import { marksIn, remembered } from '../sql/tree.ts'

/**
 * When a statement reads the row. `resolve`: before the first chunk, nothing is decided yet · `compute`: what the
 * function in JavaScript reads; merges and matches are decided, values of the group are known · `chunk`: everything is but
 * the references that close a circle · `settle`: only these, after the load · `recompute`: afterwards; everything is known
 * but what the function makes.
 */
export type Phase = 'resolve' | 'compute' | 'chunk' | 'settle' | 'recompute'

/** A value over a group of rows: made by the resolve step, stored under a name, read by the chunks. */
export interface GroupValue {
  readonly name: string
  /** For a collection: the name under which is stored whether the row's entry was left out. */
  readonly leftOut: string
  /** The row's own part. */
  readonly own: OperationNode
  readonly annotation: Annotation & { readonly kind: 'filled' | 'collected' | 'alike' }
}

/** The group values that the columns of a mapping mention, each once. */
export const groupValuesOf = remembered((columns: MappedColumns): ReadonlyMap<string, GroupValue> => {
  const values = new Map<string, GroupValue>()
  for (const node of Object.values(columns).flatMap((column) => marksIn(column))) {
    const annotation = annotationOf(node)
    if (annotation?.kind !== 'filled' && annotation?.kind !== 'collected' && annotation?.kind !== 'alike') continue
    const key = groupKey(node)!
    const number = values.size + 1
    if (!values.has(key)) {
      values.set(key, { name: `group_${number}`, leftOut: `left_out_${number}`, own: wrapped(node), annotation })
    }
  }
  return values
})

type MappedColumns = Readonly<Record<string, OperationNode>>

/** The same for two mentions of one group value. Reads the author's node, not one that was placed. */
export function groupKey(node: OperationNode): string | undefined {
  const annotation = annotationOf(node)
  const print = (nodes: readonly OperationNode[]) => nodes.map((each) => compile(each)).join(', ')
  if (annotation?.kind === 'alike') {
    const { by, differIn, when } = annotation
    return `alike ${print(by)} but in ${print(differIn)} when ${print(when === undefined ? [] : [when])}`
  }
  if (annotation?.kind === 'filled') return `filled ${compile(wrapped(node))} by ${print(annotation.order)}`
  if (annotation?.kind !== 'collected' && annotation?.kind !== 'superseded') return undefined
  const { order, distinct, keep } = annotation.collection
  const entry = annotation.kind === 'collected' ? wrapped(node) : annotation.entry
  return `collected ${compile(entry)} by ${print(order)} distinct ${print(distinct)} keep ${print(keep)}`
}

/** Values over a row and its duplicates. */
export const ofGroups: ReadonlySet<Annotation['kind']> = new Set([
  'filled',
  'collected',
  'superseded',
  'alike',
] as const)

/** Whether a value exists only after the phase: guards on it cannot decide before. */
export function isLate(root: unknown, phase: Phase): boolean {
  if (phase === 'chunk') return false
  return annotationsIn(root).some(({ kind }) => kind === 'computed' || (phase === 'resolve' && ofGroups.has(kind)))
}

/** Whether a value differs from call to call: no two statements agree on it. */
export function readsRandom(root: unknown): boolean {
  return annotationsIn(root).some(({ kind }) => kind === 'random')
}

/** Whether a value reads a reference to one of the mappings that `deferred` names: known only after the load. */
export function readsDeferred(root: unknown, deferred: readonly string[]): boolean {
  if (deferred.length === 0) return false
  return annotationsIn(root).some(
    (annotation) => annotation.kind === 'reference' && deferred.includes(annotation.mapping),
  )
}
