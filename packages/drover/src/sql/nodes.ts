import {
  type AliasableExpression,
  type Expression,
  ExpressionWrapper,
  type IdentifierNode,
  type OperationNode,
  type RawBuilder,
  RawNode,
  type ReferenceNode,
  SchemableIdentifierNode,
  sql,
  type ValueNode,
} from 'kysely'

/** `alias.column`. The names are taken as they are: a dot inside a name is part of the name. */
export function columnNode(alias: string, column: string): ReferenceNode {
  // As Kysely makes it, but for freezing six objects: a plan holds half a million of them.
  return {
    kind: 'ReferenceNode',
    table: {
      kind: 'TableNode',
      table: { kind: 'SchemableIdentifierNode', identifier: { kind: 'IdentifierNode', name: alias } },
    },
    column: { kind: 'ColumnNode', column: { kind: 'IdentifierNode', name: column } },
  }
}

/** `alias.column` as an expression. */
export function columnOf<T = unknown>(alias: string, column: string): Expression<T> {
  return expressionOf<T>(columnNode(alias, column))
}

/** A bare identifier, quoted. */
export function identifier(name: string): RawNode {
  return { kind: 'RawNode', sqlFragments: aroundOne, parameters: [{ kind: 'IdentifierNode', name } as IdentifierNode] }
}

const aroundOne = ['', ''] as const

/** A bare identifier as an expression. */
export function identifierOf<T = unknown>(name: string): Expression<T> {
  return expressionOf<T>(identifier(name))
}

/** A text or number as it is written in SQL; as `sql.lit`, in a fifth of the time. */
export function literal<T extends string | number>(value: T): Expression<T> {
  return expressionOf<T>({ kind: 'ValueNode', value, immediate: true } as ValueNode)
}

/** A schema-qualified table. */
export function tableNode(qualified: QualifiedName): RawNode {
  return RawNode.createWithChild(SchemableIdentifierNode.createWithSchema(qualified.schema, qualified.name))
}

/** A node as an expression of Kysely's, of the type that the caller vouches for. */
export function expressionOf<T>(node: OperationNode): AliasableExpression<T> {
  return new ExpressionWrapper<never, never, T>(node)
}

/** SQL as it is already printed: a tree that several statements hold is printed once. */
export function printed(text: string): RawNode {
  return RawNode.createWithSql(text)
}

/**
 * At the end of a subquery: keeps the planner from merging it into the query around it, so that what it makes is made once a
 * row. A text, because a bare number becomes a constant only after the planner has looked whether the subquery leaves rows
 * out, and then no parallel worker may run it.
 */
export const unmerged: RawBuilder<unknown> = sql.raw(`offset '0'`)

/** The place of the `position`th parameter of a statement (from 1), read as `type`. */
export function parameter(position: number, type: string): RawNode {
  return RawNode.createWithSql(`$${position}::${type}`)
}

/** Lines of SQL, each a node, set one under the other with `separator` between. */
export function lines(nodes: readonly OperationNode[], separator: string): OperationNode {
  return sql.join(nodes.map(expressionOf), sql.raw(separator)).toOperationNode()
}

/** A table or another object, and its schema. */
export interface QualifiedName {
  readonly schema: string
  readonly name: string
}

/** `schema.name` split at the first dot; the schema defaults to `public`. */
export function parseName(text: string): QualifiedName {
  const dot = text.indexOf('.')
  return dot < 0 ? { schema: 'public', name: text } : { schema: text.slice(0, dot), name: text.slice(dot + 1) }
}

/** `schema.name`, for people: not quoted. */
export function printName(name: QualifiedName): string {
  return `${name.schema}.${name.name}`
}
