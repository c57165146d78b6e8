import { type OperationNode, ReferenceNode, sql, ValueNode } from 'kysely'
import { expect, test } from 'vitest'
import { annotate, annotationOf, annotationsIn, wrapped } from '../../src/sql/annotation.ts'
import { compile, queryBuilder } from '../../src/sql/compile.ts'
import { columnNode, expressionOf } from '../../src/sql/nodes.ts'
import { marksIn, remembered, rewriter, unannotated, walk } from '../../src/sql/tree.ts'

/** A tree of 2^depth paths over depth + 1 nodes: each node mentions the one below it twice. */
function shared(depth: number): OperationNode {
  let node: OperationNode = columnNode('t', 'x')
  for (let i = 0; i < depth; i++) node = sql`f(${expressionOf(node)}, ${expressionOf(node)})`.toOperationNode()
  return node
}

test('a walk meets shared branches once, children first', () => {
  let visits = 0
  const order: string[] = []
  walk(shared(200), (node) => {
    visits++
    order.push(node.kind)
  })
  expect(visits).toBeLessThan(1_500)
  expect(order.at(-1)).toBe('RawNode')
  expect(order.indexOf('IdentifierNode')).toBeLessThan(order.indexOf('ReferenceNode'))
})

test('a rewriter rewrites shared branches once, and keeps them shared', () => {
  let replaced = 0
  const rewrite = rewriter((node) => {
    if (!ReferenceNode.is(node)) return node
    replaced++
    return columnNode('u', 'y')
  })
  const result = rewrite(shared(200)) as unknown as { readonly parameters: readonly OperationNode[] }
  expect(replaced).toBe(1)
  expect(result.parameters[0]).toBe(result.parameters[1])
  expect(compile(rewrite(shared(2)))).toBe('f(f("u"."y", "u"."y"), f("u"."y", "u"."y"))')
})

test('a tree in which nothing is replaced is the same value; one in which something is keeps the rest', () => {
  const same = rewriter((node) => node)
  const tree = shared(5)
  expect(same(tree)).toBe(tree)
  const left = sql`left(${sql.ref('t.a')})`.toOperationNode()
  const both = sql`${expressionOf(left)} || ${sql.ref('t.b')}`.toOperationNode()
  const before = compile(both)
  const rewritten = rewriter((node) =>
    ReferenceNode.is(node) && compile(node) === '"t"."b"' ? columnNode('t', 'c') : node,
  )(both) as unknown as { readonly parameters: readonly OperationNode[] }
  expect(rewritten.parameters[0]).toBe(left)
  expect(compile(rewritten as never)).toBe('left("t"."a") || "t"."c"')
  expect(compile(both)).toBe(before)
})

test('values are never taken for nodes', () => {
  const value = { kind: 'ReferenceNode', column: 'x' }
  const node = ValueNode.create(value)
  const kinds: string[] = []
  walk(node, (child) => kinds.push(child.kind))
  expect(kinds).toEqual(['ValueNode'])
  const rewrite = rewriter((child) => (child.kind === 'ReferenceNode' ? columnNode('u', 'y') : child))
  expect(rewrite(node)).toBe(node)
})

test('an annotation travels with its node, and prints as what it wraps', () => {
  const inner = sql`lower(${sql.ref('t.x')})`.toOperationNode()
  const node = annotate(inner, { kind: 'once' })
  expect(compile(node)).toBe('lower("t"."x")')
  expect(wrapped(node)).toBe(inner)
  const outer = sql`upper(${expressionOf(node)})`.toOperationNode()
  const found: unknown[] = []
  walk(outer, (child) => {
    if (annotationOf(child)) found.push(annotationOf(child))
  })
  expect(found).toEqual([{ kind: 'once' }])
  // What the annotation holds is rewritten with the rest.
  const guarded = annotate(inner, { kind: 'guarded', guards: [{ code: 'c', outcome: 'note', when: inner }] })
  const rewritten = rewriter((child) => (ReferenceNode.is(child) ? columnNode('u', 'y') : child))(guarded)
  const annotation = annotationOf(rewritten)
  expect(annotation?.kind === 'guarded' && compile(annotation.guards[0]!.when)).toBe('lower("u"."y")')
})

test('the marks of a tree are what it reads, by which names, and what was said of it', () => {
  const noted = annotate(columnNode('t', 'x'), { kind: 'random' })
  const query = queryBuilder<{ 's.t': { x: string } }>().selectFrom('s.t as a').select('a.x')
  const root = sql`f(${expressionOf(noted)}, ${expressionOf(noted)}, ${query})`.toOperationNode()
  expect(marksIn(root).map(({ kind }) => kind)).toEqual([
    'ReferenceNode',
    'RawNode',
    'TableNode',
    'AliasNode',
    'ReferenceNode',
  ])
  expect(marksIn([root, undefined, noted])).toEqual(marksIn(root))
  expect(marksIn({ one: root })).toEqual(marksIn(root))
  expect(annotationsIn(root)).toEqual([{ kind: 'random' }])
})

test('a question is asked once of a tree', () => {
  let asked = 0
  const count = remembered((_: object) => ++asked)
  const [one, other] = [shared(1), shared(1)]
  expect([count(one), count(one), count(other), count(one)]).toEqual([1, 1, 2, 1])
})

test('a rewriter leaves the children of leaves alone', () => {
  const kinds: string[] = []
  const rewrite = rewriter((node) => {
    kinds.push(node.kind)
    return node
  }, unannotated)
  rewrite(shared(1))
  expect(kinds).toEqual(['ReferenceNode', 'RawNode'])
})
