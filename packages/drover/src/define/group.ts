import { type Expression, type RawBuilder, sql } from 'kysely'
import { annotate, type Collection } from '../sql/annotation.ts'
import { expressionOf } from '../sql/nodes.ts'
import { correctedWhen, once } from './guard.ts'
import type { jsonb } from './sql-types.ts'
import type { SurvivorRule } from './survivor.ts'

/**
 * The value of the row that stands for its duplicates or, where it has none, the first one that a duplicate has: in the
 * order in which the survivor is chosen. With rules of its own, the first value in their order, whoever has it. Logged
 * as a correction `filled` where it is not the row's own value. Duplicates are what the mapping's `identity` says.
 *
 * SQL: `first_value(x) over (partition by <identity> order by x is null, <rules>)`, computed once before the first chunk
 */
export function filled<X>(x: Expression<X>, ...rules: readonly SurvivorRule[]): Expression<X> {
  const own = once(x)
  const order = rules.map((rule) => rule.order)
  const value = expressionOf<X>(annotate(own.toOperationNode(), { kind: 'filled', order }))
  // Byte for byte: a collation of the column's may take two texts for one.
  const isAnother = sql`(${value})::text collate "C" is distinct from (${own})::text collate "C"`
  return correctedWhen(value, 'filled', isAnother, own)
}

/** In which order rows are collected, and which of equal ones. */
export interface CollectOptions {
  /** The order of the entries; equals stand in the order of their keys. */
  readonly orderBy: SurvivorRule | readonly SurvivorRule[]
  /** Of rows equal in these values only one gives an entry; the others get the note `superseded`. Default: all do. */
  readonly distinct?: readonly Expression<unknown>[]
  /** Which one: the first in this order. Default: the lowest key. */
  readonly keep?: SurvivorRule | readonly SurvivorRule[]
}

/**
 * The entries of a row and its duplicates as one JSON array, so that many source rows become one target row. Entries
 * that are null are left out. Duplicates are what the mapping's `identity` says; rows that are set aside give no entry.
 *
 * SQL: `jsonb_agg(entry) over (partition by <identity> order by <orderBy>)`, computed once before the first chunk
 */
export function collect(entry: Expression<unknown>, options: CollectOptions): Expression<jsonb> {
  const own = once(entry).toOperationNode()
  const collection: Collection = {
    order: ordersOf(options.orderBy),
    distinct: (options.distinct ?? []).map((value) => value.toOperationNode()),
    keep: ordersOf(options.keep ?? []),
  }
  const value: RawBuilder<jsonb> = sql`${expressionOf(annotate(own, { kind: 'collected', collection }))}`
  if (collection.distinct.length === 0) return value
  const superseded = annotate(sql`false`.toOperationNode(), { kind: 'superseded', entry: own, collection })
  return expressionOf(
    annotate(value.toOperationNode(), {
      kind: 'guarded',
      guards: [{ code: 'superseded', outcome: 'note', when: superseded, ofDuplicates: true }],
    }),
  )
}

function ordersOf(rules: SurvivorRule | readonly SurvivorRule[]) {
  return [rules].flat().map((rule) => (rule as SurvivorRule).order)
}
