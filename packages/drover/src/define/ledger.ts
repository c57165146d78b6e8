import { type AliasedExpression, sql } from 'kysely'
import { annotate, type LedgerRelation } from '../sql/annotation.ts'
import { expressionOf } from '../sql/nodes.ts'
import type { MappingRef } from './reference.ts'
import type { text } from './sql-types.ts'

/** One row a source row of `mapping` that the run set aside: the first reason, and whether it stays out for good. */
export function quarantined<A extends string>(
  mapping: MappingRef,
  alias: A,
): AliasedExpression<{ source_key: text; code: text; accepted: boolean }, A> {
  return ofRun('quarantine', mapping, alias)
}

/**
 * One row a value that the run changed by a rule, with what the source held; `source_key` is null where all rows have the
 * same correction.
 */
export function corrections<A extends string>(
  mapping: MappingRef,
  alias: A,
): AliasedExpression<{ source_key: text | null; column_name: text; code: text; original: text | null }, A> {
  return ofRun('correction', mapping, alias)
}

/** One row a note: a source row that the run counted under a code, and changed nothing; `source_key` as in corrections. */
export function notes<A extends string>(
  mapping: MappingRef,
  alias: A,
): AliasedExpression<{ source_key: text | null; column_name: text; code: text }, A> {
  return ofRun('note', mapping, alias)
}

/** One row a source row that became part of another one's target row: its survivor's. */
export function merged<A extends string>(
  mapping: MappingRef,
  alias: A,
): AliasedExpression<{ source_key: text; survivor_key: text }, A> {
  return ofRun('merge', mapping, alias)
}

/** What the ledger holds of a mapping in the run that is verified: for checks alone, a mapping is refused that reads it. */
function ofRun<Row, A extends string>(
  relation: LedgerRelation,
  mapping: MappingRef,
  alias: A,
): AliasedExpression<Row, A> {
  const node = annotate(sql.raw(relation).toOperationNode(), { kind: 'ledger', relation, mapping: mapping.name })
  return sql<Row>`${expressionOf(node)}`.as(alias)
}
