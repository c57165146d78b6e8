import { type Expression, type OperationNode, SelectQueryNode, sql } from 'kysely'
import { DroverError } from '../error.ts'
import { type Annotation, annotate } from '../sql/annotation.ts'
import { queryBuilder } from '../sql/compile.ts'
import { columnOf, expressionOf } from '../sql/nodes.ts'
import { computedColumns, readCompute } from './compute.ts'
import type { Parsed } from './guard.ts'
import type { Identity, IdentityDefinition, MappingDefinition, MappingKind, MappingOptions } from './mapping.ts'
import { readTotals } from './total.ts'

/** The options of a mapping, whatever its tables are. */
// biome-ignore lint/suspicious/noExplicitAny: the type parameters have done their work; from here on only nodes are read.
export type AnyMapping = MappingOptions<any, any, any, any, any, any, any, any, any, any>

/** What the author wrote of a mapping, as the planner reads it: nodes and names, nothing else. */
export function readMapping(name: string, kind: MappingKind, mapping: AnyMapping): MappingDefinition {
  requireParts(name, mapping)
  const from = mapping.from(queryBuilder()).toOperationNode()
  if (!SelectQueryNode.is(from)) {
    throw new DroverError('definition-invalid', 'A mapping reads from a select query.', {
      where: `mapping ${name}, from`,
      remedy: "Write from: (db) => db.selectFrom('schema.table as alias').",
    })
  }
  const source = columnsByAlias()
  const to = annotatedColumns('target')
  const existing = annotatedColumns('existing')
  const where = mapping.where?.(source, to)
  const identity = normalIdentity(mapping.identity?.(source, to))
  const survivor = mapping.survivor?.(source, to) ?? []
  const key = mapping.key(source)
  const on = mapping.match?.on(to, existing)
  const reads = (mapping.compute?.reads(source) ?? {}) as Record<string, Expression<unknown>>
  requireExpressions(name, [
    ...(mapping.where === undefined ? [] : [['where', where] as const]),
    ...(mapping.match === undefined ? [] : [['match, on', on] as const]),
    ...expressionsOf(identity).map((value) => ['identity', value] as const),
    ...Object.entries(reads).map(([column, value]) => [`compute, reads ${column}`, value] as const),
  ])
  const compute = mapping.compute && readCompute(mapping.compute, reads)
  const columns = mapping.columns(source, computedColumns(compute) as never) as Record<string, Expression<unknown>>
  const equivalent = mapping.equivalent?.(to, existing) ?? {}
  const totals = mapping.totals?.(source, existing) ?? {}
  const keys: readonly Expression<unknown>[] = Array.isArray(key) ? key : [key]
  requireExpressions(name, [
    ...(keys.length === 0 && kind !== 'evolve'
      ? [['key', undefined] as const]
      : keys.map((each) => ['key', each] as const)),
    ...Object.entries(columns).map(([column, value]) => [`column ${column}`, value] as const),
    ...Object.entries(equivalent).map(([column, value]) => [`equivalent, column ${column}`, value] as const),
    ...Object.entries(totals).flatMap(([total, { source, target, by = [] }]) =>
      [source, target, ...by].map((value) => [`total ${total}`, value] as const),
    ),
  ])
  return {
    name,
    kind,
    from,
    key: keys.map(nodeOf),
    where: where && nodeOf(where),
    identity: identity && readIdentity(name, identity),
    survivor: Array.isArray(survivor) ? survivor : [survivor],
    match: on &&
      mapping.match && { on: nodeOf(on), update: mapping.match.found === 'update' ? mapping.match.update : [] },
    compute,
    to: mapping.to,
    targetKey: mapping.targetKey ?? 'id',
    columns: Object.fromEntries(Object.entries(columns).map(([column, value]) => [column, nodeOf(value)])),
    equivalent: Object.fromEntries(
      Object.entries<Expression<unknown>>(equivalent).map(([column, value]) => [column, nodeOf(value)]),
    ),
    totals: readTotals(name, totals),
    dropped: mapping.dropped ?? [],
    secret: mapping.secret ?? [],
    personal: mapping.personal ?? [],
  }
}

/** Without the compiler's help, as in JavaScript, a mapping may lack what every one has. */
function requireParts(name: string, mapping: AnyMapping): void {
  const isGiven = { from: isFunction, key: isFunction, to: isText, columns: isFunction }
  const lacking = Object.entries(isGiven).flatMap(([part, is]) =>
    is(mapping[part as keyof typeof isGiven]) ? [] : [`${part}: ${remedies[part as keyof typeof isGiven]}`],
  )
  if (lacking.length > 0) throw invalidMapping(name, lacking)
}

const remedies = {
  from: "say what it reads: (db) => db.selectFrom('schema.table as t').",
  key: 'say what identifies a source row: ({ t }) => t.id.',
  to: "name the table that it fills: 'schema.table'.",
  columns: 'give an expression for each column of the target: ({ t }) => ({ id: t.id, … }).',
} as const

/** What is no expression has no SQL: above all a conversion whose author did not decide what its failure means. */
function requireExpressions(name: string, values: readonly (readonly [place: string, value: unknown])[]): void {
  const wrong = values.flatMap(([place, value]) => (isExpression(value) ? [] : [`${place}: ${describeValue(value)}`]))
  if (wrong.length > 0) throw invalidMapping(name, wrong)
}

function describeValue(value: unknown): string {
  if (isFunction((value as Partial<Parsed<unknown>> | null | undefined)?.orQuarantine)) {
    return 'this conversion can fail: decide with .orQuarantine(), .orElse(value), .orNull() or .orReject().'
  }
  if (value === undefined) return 'no expression is given. Give one, or leave it out.'
  return 'this is no expression. Give a column of the source, a helper, SQL as sql`…`, or a value as constant(…).'
}

function invalidMapping(name: string, findings: readonly string[]): DroverError {
  return new DroverError('definition-invalid', `The mapping ${name} is not complete.`, {
    where: `mapping ${name}`,
    findings,
    remedy: findings.length === 1 ? 'Mend it.' : `Mend these ${findings.length} places.`,
  })
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isExpression(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && isFunction((value as Partial<Expression<unknown>>).toOperationNode)
  )
}

type FullIdentity = Exclude<Identity, readonly unknown[]>

function normalIdentity(identity: Identity | undefined): FullIdentity | undefined {
  return identity === undefined || 'by' in identity ? identity : { by: identity }
}

function expressionsOf(identity: FullIdentity | undefined): readonly unknown[] {
  if (identity === undefined) return []
  return [...identity.by, ...(identity.when === undefined ? [] : [identity.when]), ...(identity.agree ?? [])]
}

function readIdentity(name: string, { by, when, agree, quarantine }: FullIdentity): IdentityDefinition {
  if (agree !== undefined && quarantine === undefined) {
    throw invalidMapping(name, [
      "identity: give the code under which duplicates that do not agree are set aside: quarantine: 'conflicting'.",
    ])
  }
  return { by: by.map(nodeOf), when: when && nodeOf(when), agree: (agree ?? []).map(nodeOf), quarantine }
}

function nodeOf(expression: Expression<unknown>): OperationNode {
  return expression.toOperationNode()
}

/** `source.alias.column`, for any alias and column: the types have said which exist. */
function columnsByAlias(): never {
  return new Proxy({}, { get: (_, alias) => columnsOf((column) => columnOf(String(alias), column)) }) as never
}

function annotatedColumns(kind: 'target' | 'existing'): never {
  return columnsOf((column) => {
    const annotation: Annotation = { kind, column }
    return expressionOf(annotate(sql.ref(column).toOperationNode(), annotation))
  })
}

function columnsOf(make: (column: string) => Expression<unknown>): never {
  return new Proxy({}, { get: (_, column) => make(String(column)) }) as never
}
