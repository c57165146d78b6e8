import type { OperationNode, RawNode, ReferenceNode, TableNode } from 'kysely'

/** Nodes whose content is a user's value, never a node. */
const holdsValue = new Set(['ValueNode', 'PrimitiveValueListNode'])

/** Whether a value is a node, and not a list or record of nodes. */
export function isNode(value: unknown): value is OperationNode {
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
    const known = answers.get(root)
    if (known !== undefined) return known
    const answer = ask(root)
    answers.set(root, answer)
    return answer
  }
}

/** A column of a relation that goes by its alias: it holds no annotation and no table. */
function isName(node: OperationNode): node is ReferenceNode {
  return node.kind === 'ReferenceNode' && (node as ReferenceNode).table?.table.schema === undefined
}

function isMark(node: OperationNode): boolean {
  if (node.kind === 'TableNode') return (node as TableNode).table.schema !== undefined
  return node.kind === 'ReferenceNode' || node.kind === 'AliasNode' || 'drover' in node
}

function collectMarks(value: object, marks: OperationNode[], seen: Set<object>): void {
  if (Array.isArray(value)) {
    for (const child of value) if (typeof child === 'object' && child !== null) collectMarks(child, marks, seen)
    return
  }
  if (!isNode(value)) {
    collectMarksOfChildren(value, marks, seen)
    return
  }
  if (seen.has(value)) return
  seen.add(value)
  if (isName(value)) {
    marks.push(value)
    return
  }
  if (value.kind === 'RawNode') {
    // Nearly all nodes of a plan: to go through the names of their properties takes longer than to look.
    const { parameters, drover } = value as RawNode & { readonly drover?: object }
    for (const child of parameters) collectMarks(child, marks, seen)
    if (drover === undefined) return
    collectMarks(drover, marks, seen)
  } else if (!holdsValue.has(value.kind)) collectMarksOfChildren(value, marks, seen)
  if (isMark(value)) marks.push(value)
}

function collectMarksOfChildren(parent: object, marks: OperationNode[], seen: Set<object>): void {
  const children = parent as Readonly<Record<string, unknown>>
  for (const name in children) {
    const child = children[name]
    if (typeof child === 'object' && child !== null) collectMarks(child, marks, seen)
  }
}

/** As {@link marksIn}, of a tree that nobody asks about again. */
export function marksOnce(root: object): readonly OperationNode[] {
  const marks: OperationNode[] = []
  collectMarks(root, marks, new Set())
  return marks
}

/** What is no node holds nodes by name, of which each is asked about alone, too. */
const marksUnder = remembered((root: object): readonly OperationNode[] =>
  isNode(root) ? marksOnce(root) : marksOfAll(Object.values(root)),
)

function marksOfAll(roots: readonly unknown[]): readonly OperationNode[] {
  return [...new Set(roots.flatMap(marksIn))]
}

/**
 * The few nodes of a tree that carry an annotation, or name a column, a table with its schema or an alias: all that most
 * questions are about. Children first, each once.
 */
export function marksIn(root: unknown): readonly OperationNode[] {
  if (typeof root !== 'object' || root === null) return []
  // Lists are put together for the question: nobody asks for them again.
  return Array.isArray(root) ? marksOfAll(root) : marksUnder(root)
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
    if (Array.isArray(value)) return rewriteList(value)
    if (!isNode(value)) return value instanceof Date || value instanceof Uint8Array ? value : rewriteChildren(value)
    const known = done.get(value)
    if (known !== undefined) return known
    const result = replace(leaves.has(value.kind) ? value : (rewriteChildren(value) as OperationNode), value)
    done.set(value, result)
    return result
  }
  const rewriteList = (list: readonly unknown[]): readonly unknown[] => {
    let changed: unknown[] | undefined
    for (let i = 0; i < list.length; i += 1) {
      const child = list[i]
      if (typeof child !== 'object' || child === null) continue
      const rewritten = rewriteAny(child)
      if (rewritten === child) continue
      changed ??= [...list]
      changed[i] = rewritten
    }
    return changed ?? list
  }
  const rewriteChildren = (value: object): object => {
    const children = value as Readonly<Record<string, unknown>>
    let changed: Record<string, unknown> | undefined
    for (const name in children) {
      const child = children[name]
      if (typeof child !== 'object' || child === null || name === 'sqlFragments') continue
      const rewritten = rewriteAny(child)
      if (rewritten === child) continue
      changed ??= { ...value } as Record<string, unknown>
      changed[name] = rewritten
    }
    return changed ?? value
  }
  return (node: OperationNode): OperationNode => rewriteAny(node) as OperationNode
}
