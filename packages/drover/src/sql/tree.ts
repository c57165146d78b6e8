import type { OperationNode, ReferenceNode, TableNode } from 'kysely'

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
  if (typeof root !== 'object' || root === null) return
  if (!isNode(root)) {
    walkChildren(root, visit, seen)
    return
  }
  if (seen.has(root)) return
  seen.add(root)
  if (!holdsValue.has(root.kind)) walkChildren(root, visit, seen)
  visit(root)
}

function walkChildren(parent: object, visit: (node: OperationNode) => void, seen: Set<unknown>): void {
  const children = parent as Readonly<Record<string, unknown>>
  for (const name in children) {
    const child = children[name]
    // Most of what a node holds are words, one by one or in lists.
    if (typeof child === 'object' && name !== 'sqlFragments') walk(child, visit, seen)
  }
}

/**
 * A question about trees whose answer is kept by the root, as long as somebody holds it: trees are never changed, and a plan
 * asks the same of them again for each of its statements.
 */
export function remembered<Root extends object, Answer>(ask: (root: Root) => Answer): (root: Root) => Answer {
  const answers = new WeakMap<Root, Answer>()
  return (root) => {
    if (answers.has(root)) return answers.get(root)!
    const answer = ask(root)
    answers.set(root, answer)
    return answer
  }
}

/** Nodes that hold no annotation and no table: a column of a relation that goes by its alias, and values. */
function isName(node: OperationNode): node is ReferenceNode {
  return node.kind === 'ReferenceNode' && (node as ReferenceNode).table?.table.schema === undefined
}

function isMark(node: OperationNode): boolean {
  if (node.kind === 'TableNode') return (node as TableNode).table.schema !== undefined
  return node.kind === 'ReferenceNode' || node.kind === 'AliasNode' || 'drover' in node
}

function collectMarks(value: object, marks: OperationNode[], seen: Set<object>): void {
  const node = isNode(value) ? value : undefined
  if (node !== undefined) {
    if (seen.has(node)) return
    seen.add(node)
    if (isName(node)) {
      marks.push(node)
      return
    }
  }
  if (node === undefined || !holdsValue.has(node.kind)) {
    const children = value as Readonly<Record<string, unknown>>
    for (const name in children) {
      const child = children[name]
      if (typeof child === 'object' && child !== null && name !== 'sqlFragments') collectMarks(child, marks, seen)
    }
  }
  if (node !== undefined && isMark(node)) marks.push(node)
}

/** As {@link marksIn}, of a tree that nobody asks about again. */
export function marksOnce(root: object): readonly OperationNode[] {
  const marks: OperationNode[] = []
  collectMarks(root, marks, new Set())
  return marks
}

const marksUnder = remembered(marksOnce)

/**
 * The few nodes of a tree that carry an annotation, or name a column, a table with its schema or an alias: all that most
 * questions are about. Children first, each once.
 */
export function marksIn(root: unknown): readonly OperationNode[] {
  if (typeof root !== 'object' || root === null) return []
  // Lists are put together for the question: nobody asks for them again.
  return Array.isArray(root) ? [...new Set(root.flatMap(marksIn))] : marksUnder(root)
}

/** The leaves of a tree in which nothing but annotated nodes is replaced: a column holds none. */
export const unannotated: ReadonlySet<string> = new Set([...holdsValue, 'ReferenceNode'])

/**
 * Rewrites a tree from the leaves up: `replace` sees each node with its children already rewritten and returns the
 * node to stand in its place. Trees are never changed; shared branches are rewritten once. `leaves`: kinds of nodes whose
 * children stay as they are.
 */
export function rewriter(
  replace: (node: OperationNode, original: OperationNode) => OperationNode,
  leaves: ReadonlySet<string> = holdsValue,
) {
  const done = new Map<OperationNode, OperationNode>()
  const rewriteAny = (value: object): object => {
    if (!isNode(value)) return value instanceof Date || value instanceof Uint8Array ? value : rewriteChildren(value)
    const known = done.get(value)
    if (known !== undefined) return known
    const result = replace(leaves.has(value.kind) ? value : (rewriteChildren(value) as OperationNode), value)
    done.set(value, result)
    return result
  }
  const rewriteChildren = (value: object): object => {
    const children = value as Readonly<Record<string, unknown>>
    let changed: Record<string, unknown> | undefined
    for (const name in children) {
      const child = children[name]
      if (typeof child !== 'object' || child === null || name === 'sqlFragments') continue
      const rewritten = rewriteAny(child)
      if (rewritten === child) continue
      changed ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
      changed[name] = rewritten
    }
    return changed ?? value
  }
  return (node: OperationNode): OperationNode => rewriteAny(node) as OperationNode
}
