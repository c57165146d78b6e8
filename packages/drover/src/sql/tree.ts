import type { OperationNode } from 'kysely'

/** Nodes whose content is a user's value, never a node. */
const holdsValue = new Set(['ValueNode', 'PrimitiveValueListNode'])

function isNode(value: unknown): value is OperationNode {
  return typeof value === 'object' && value !== null && typeof (value as { kind?: unknown }).kind === 'string'
}

/**
 * Visits every node of a tree once, children first. A conversion mentions its input several times, so trees share
 * branches; visiting by identity keeps the walk linear.
 */
export function walk(root: unknown, visit: (node: OperationNode) => void, seen: Set<unknown> = new Set()): void {
  if (typeof root !== 'object' || root === null || seen.has(root)) return
  seen.add(root)
  if (!isNode(root) || !holdsValue.has(root.kind)) {
    for (const child of Object.values(root)) walk(child, visit, seen)
  }
  if (isNode(root)) visit(root)
}

/**
 * Rewrites a tree from the leaves up: `replace` sees each node with its children already rewritten and returns the
 * node to stand in its place. Trees are never changed; shared branches are rewritten once.
 */
export function rewriter(replace: (node: OperationNode, original: OperationNode) => OperationNode) {
  const done = new Map<unknown, unknown>()
  const rewriteAny = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array)
      return value
    if (done.has(value)) return done.get(value)
    const result = isNode(value) ? replace(rewriteChildren(value) as OperationNode, value) : rewriteChildren(value)
    done.set(value, result)
    return result
  }
  const rewriteChildren = (value: object): unknown => {
    if (isNode(value) && holdsValue.has(value.kind)) return value
    if (Array.isArray(value)) {
      const items = value.map(rewriteAny)
      return items.every((item, i) => item === value[i]) ? value : items
    }
    const entries = Object.entries(value)
    const rewritten = entries.map(([key, child]) => [key, rewriteAny(child)] as const)
    return rewritten.every(([, child], i) => child === entries[i]![1]) ? value : Object.fromEntries(rewritten)
  }
  return (node: OperationNode): OperationNode => rewriteAny(node) as OperationNode
}
