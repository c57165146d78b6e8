import { type AliasedExpression, type Expression, type OperationNode, sql } from 'kysely'
import { annotate, type ReferencePart } from '../sql/annotation.ts'
import { expressionOf } from '../sql/nodes.ts'
import { type Conversion, type Failure, type NullOf, once, type Parsed, parsed } from './guard.ts'
import type { text } from './sql-types.ts'

/** A mapping as others refer to it: its name, and as types the key and the row of its target. */
export interface MappingRef<Id = unknown, Row = unknown> {
  readonly name: string
  /** Made by `later`: references to it may be filled after the load. */
  readonly isLater?: true
  readonly '~types'?: { readonly id: Id; readonly row: Row }
}

/** What a reference holds: one column of the source, or several for a composite key. */
export type KeyInput<X> = Expression<X> | readonly Expression<unknown>[]

/**
 * A reference to a row of another mapping, with two ways to fail: `orphan` (there is no such row) and `waiting` (it has no
 * target row: it was set aside or excluded).
 */
export interface Reference<T> extends Parsed<T> {
  readonly conversion: ReferenceConversion
  /** What became of the row referred to: `loaded`, `merged`, `matched`, `quarantined` or `excluded`; null for an orphan. */
  readonly disposition: Expression<text | null>
}

/** The first of several references, see {@link firstRef}. */
export interface FirstReference<T> extends Parsed<T> {
  /** The code of the correction that is logged where another reference than the first one decides. */
  derivedAs(code: string): Parsed<T>
}

interface ReferenceConversion {
  readonly input: OperationNode
  readonly value: OperationNode
  /** The crosswalk's own source key: present wherever the referenced row exists, whatever became of it. */
  readonly found: OperationNode
}

/**
 * The key of the target row that stands for the source row `x` refers to: carried through the crosswalk of `mapping`,
 * never computed again, so that merged and matched rows are followed. A null reference stays null.
 *
 * SQL: `left join drover.crosswalk_<mapping> as r on r.source_key = x`, then `r.<key>`
 */
export function ref<X, Id>(x: KeyInput<X>, mapping: MappingRef<Id>): Reference<Id | NullOf<X>> {
  const key = sourceKey(Array.isArray(x) ? x : [x as Expression<X>])
  const part = (of: ReferencePart) =>
    annotate(sql`${key}`.toOperationNode(), {
      kind: 'reference',
      mapping: mapping.name,
      key: key.toOperationNode(),
      part: of,
      isLater: mapping.isLater === true,
    })
  const conversion = { input: key.toOperationNode(), value: part('target'), found: part('source_key') }
  const orphan = sql`${key} is not null and ${expressionOf(conversion.found)} is null`
  const failures: readonly Failure[] = [
    { code: 'waiting', fixedCode: true, when: isWaiting([conversion]).toOperationNode() },
    { code: 'orphan', when: orphan.toOperationNode() },
  ]
  return {
    ...parsed<Id | NullOf<X>>({ ...conversion, failures }),
    conversion,
    disposition: expressionOf(part('disposition')),
  }
}

/**
 * The first of several references that leads to a row. Fails with `waiting` where one of them leads to a row that was
 * set aside or excluded, with `orphan` otherwise, and also where all are null; what is logged of a failure is the first
 * of them that holds something. Where another than the first one decides, a correction keeps what the first one held:
 * `derived`, or the code given to `derivedAs`.
 *
 * SQL: `coalesce(r1.<key>, r2.<key>, …)`
 */
export function firstRef<Id>(
  ...references: readonly [Reference<Id | null>, ...Reference<Id | null>[]]
): FirstReference<Id> {
  const conversions = references.map((reference) => reference.conversion)
  const [first] = conversions
  const values = conversions.map((conversion) => expressionOf(conversion.value))
  const value = once(sql<Id>`coalesce(${sql.join(values)})`)
  const isDerived = sql`${expressionOf(first!.value)} is null and ${value} is not null`.toOperationNode()
  const inputs = conversions.map(({ input }) => expressionOf(input))
  const conversion: Conversion = {
    input: sql`coalesce(${sql.join(inputs)})`.toOperationNode(),
    value: value.toOperationNode(),
    failures: [
      {
        code: 'waiting',
        fixedCode: true,
        when: sql`${value} is null and ${isWaiting(conversions)}`.toOperationNode(),
      },
      { code: 'orphan', when: sql`${value} is null and not ${isWaiting(conversions)}`.toOperationNode() },
    ],
  }
  const derivedAs = (code: string) =>
    parsed<Id>({ ...conversion, guards: [{ code, outcome: 'correct', when: isDerived, original: first!.input }] })
  return { ...derivedAs('derived'), derivedAs }
}

/**
 * A column of the target row that `id` points to, as `mapping` left it. Null where `id` is null.
 *
 * SQL: `left join <target> as t on t.<key> = id`, then `t.<column>`
 */
export function lookup<Row, C extends keyof Row & string>(
  id: Expression<unknown>,
  mapping: MappingRef<unknown, Row>,
  column: C,
): Expression<Row[C] | null> {
  return expressionOf(
    annotate(id.toOperationNode(), { kind: 'lookup', mapping: mapping.name, id: id.toOperationNode(), column }),
  )
}

/**
 * The crosswalk of `mapping` as a relation, for a mapping that reads from a query: `source_key`, `disposition` and the
 * target key `id` (null unless the row was loaded, merged or matched).
 */
export function crosswalk<Id, A extends string>(
  mapping: MappingRef<Id>,
  alias: A,
): AliasedExpression<{ source_key: text; disposition: text; id: Id | null }, A> {
  return sql<{ source_key: text; disposition: text; id: Id | null }>`${crosswalkOf(mapping)}`.as(alias)
}

/** The crosswalk of a mapping as it stands in a query, for the compiler to name. */
export function crosswalkOf(mapping: MappingRef): Expression<unknown> {
  return expressionOf(annotate(sql`crosswalk`.toOperationNode(), { kind: 'crosswalk', mapping: mapping.name }))
}

/** The reference under a condition: where `condition` does not hold, nothing is looked up and the result is null. */
export function refWhen<X, Id>(
  condition: Expression<unknown>,
  x: KeyInput<X>,
  mapping: MappingRef<Id>,
): Reference<Id | null> {
  const keys: readonly Expression<unknown>[] = Array.isArray(x) ? x : [x as Expression<X>]
  const [first, ...rest] = keys
  return ref<unknown, Id>([sql`case when ${condition} then ${first} end`, ...rest], mapping) as Reference<Id | null>
}

/** One text for a key of one or several columns: the column itself, or a JSON array of the columns as text. */
export function sourceKey(columns: readonly Expression<unknown>[]): Expression<text> {
  const [first] = columns
  if (columns.length === 1) return once(sql<text>`(${first})::text`)
  const parts = columns.map((column) => sql`(${column})::text`)
  const present = columns.map((column) => sql`(${column}) is not null`)
  return once(sql<text>`case when ${sql.join(present, sql` and `)} then json_build_array(${sql.join(parts)})::text end`)
}

/** One of the references leads to a row of the source that has no target row. */
function isWaiting(conversions: readonly ReferenceConversion[]): Expression<boolean> {
  const each = conversions.map(
    ({ found, value }) => sql`${expressionOf(found)} is not null and ${expressionOf(value)} is null`,
  )
  return sql<boolean>`(${sql.join(each, sql` or `)})`
}
