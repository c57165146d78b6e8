import type { OperationNode } from 'kysely'
import { annotationOf, annotationsIn, type Guard, wrapped } from '../sql/annotation.ts'
import type { GuardPlan } from './plan.ts'
import type { PlacedGuard } from './transform.ts'

/** A guard and the column that it is reported under. */
export interface OwnedGuard {
  readonly column: string
  readonly guard: Guard
}

/**
 * The guards of a mapping, each under one column: the one whose value it decides, else the first that mentions it. One
 * conversion may be used for several columns, and its failure is still one failure.
 */
export function ownedGuards(
  columns: readonly { readonly name: string; readonly node: OperationNode }[],
): readonly OwnedGuard[] {
  const owners = new Map<Guard, string>()
  for (const { name, node } of columns) {
    for (const guard of spineGuards(node)) if (!owners.has(guard)) owners.set(guard, name)
  }
  for (const { name, node } of columns) {
    for (const guard of allGuards(node)) if (!owners.has(guard)) owners.set(guard, name)
  }
  const seen = new Set<Guard>()
  return columns.flatMap(({ name, node }) =>
    allGuards(node)
      .filter((guard) => owners.get(guard) === name && !seen.has(guard) && seen.add(guard))
      .map((guard) => ({ column: name, guard })),
  )
}

/** What the plan tells of a guard. */
export function guardPlan({ column, code, outcome, accepted }: PlacedGuard): GuardPlan {
  return { column, code, outcome, ...(accepted && { accepted }) }
}

/** The guards of a column's outermost conversions. */
function spineGuards(node: OperationNode): readonly Guard[] {
  const annotation = annotationOf(node)
  if (annotation?.kind === 'guarded') return [...spineGuards(wrapped(node)), ...annotation.guards]
  return annotation?.kind === 'once' ? spineGuards(wrapped(node)) : []
}

/** Every guard in an expression, the innermost first. */
function allGuards(node: OperationNode): readonly Guard[] {
  return annotationsIn(node).flatMap((annotation) => (annotation.kind === 'guarded' ? annotation.guards : []))
}
