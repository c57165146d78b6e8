import { type RawBuilder, sql } from 'kysely'
import type { Catalog } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { sourceKey } from '../define/reference.ts'
import { ledgerTables, type MappingPlan } from '../plan/plan.ts'
import { isKnownOfRun, versionOf } from '../plan/run-transactions.ts'
import { columnOf, expressionOf, identifier, type QualifiedName, tableNode } from '../sql/nodes.ts'
import { hasSameKey as isSameKey } from '../verify/same-key.ts'
import { isOwn } from './own-rows.ts'

// The parts of the statements that take a chunk back. In all of them `$1` is the run, and `$2` and `$3` are the range of the
// ledger's table: from, and up to, a place of a row, as text.

/** The rows of the crosswalk in the range whose target row the run has made: its key, and that as one text. */
export function walkedCte(mapping: MappingPlan): RawBuilder<unknown> {
  return sql`walked as materialized (
  select ${sql.join(mapping.targetKey.map((name) => columnOf('w', name)))}, ${keyText(mapping, 'w')} as row_key
  from ${relation(ledgerTables.crosswalk(mapping.name))} as w
  where ${inRange('w')} and w.disposition = 'loaded'
)`
}

/** Whether the row lies in the range. */
export function inRange(alias: string): RawBuilder<unknown> {
  return sql`${columnOf(alias, 'ctid')} >= $2::text::tid and ${columnOf(alias, 'ctid')} < $3::text::tid`
}

/** The key of a target row as one text, as source keys are written. */
export function keyText({ targetKey }: Pick<MappingPlan, 'targetKey'>, alias?: string): RawBuilder<unknown> {
  const columns = targetKey.map((name) =>
    alias === undefined ? expressionOf(identifier(name)) : columnOf(alias, name),
  )
  return sql`(${sourceKey(columns)}) collate "C"`
}

/** Whether `one` and `other` have the same key of the target. */
export function hasSameKey(
  now: Catalog,
  { targetKey }: MappingPlan,
  target: Table,
  one: string,
  other: string,
): RawBuilder<unknown> {
  return isSameKey({ table: target, key: targetKey, catalog: now }, one, other)
}

/** Whether `c` is the conflict of the row of `target` whose key `alias` bears as a text. */
export function isConflict({ schema, name }: Table, alias: string): RawBuilder<unknown> {
  return sql`c.run_id = $1::bigint and c.table_schema = ${sql.lit(schema)} and c.table_name = ${sql.lit(name)} and c.row_key = ${columnOf(alias, 'row_key')}`
}

/**
 * Whether `t`, whose conflict is `c`, is as the run wrote it; or by decision, as it was when that was taken, or as the
 * rollback itself has restored it since.
 */
export function mayWrite(target: Table): RawBuilder<unknown> {
  const xmin = columnOf('t', 'xmin')
  return sql`(c.row_key is null and ${isOwn(target, xmin)}
    or c.decision = 'discard' and (c.version = ${versionOf(xmin)} or ${isKnownOfRun(xmin)}))`
}

/** What others wrote is kept before it goes (I4). `from`: has `row_key`, `row` and `is_conflict`. */
export function discardedCte({ schema, name }: Table, from: string): RawBuilder<unknown> {
  return sql`discarded as (
  insert into drover.discarded_row (run_id, table_schema, table_name, row_key, row)
  select $1::bigint, ${sql.lit(schema)}, ${sql.lit(name)}, row_key, row
  from ${id(from)}
  where is_conflict
)`
}

/**
 * Selects what became of `rows`, each with a `row_key`: `undone`, those of the relation of that name · `kept` by decision ·
 * `gone`, deleted by others · `missed`, none of these: changed since the conflicts were looked for.
 */
export function accountOf(rows: string, undone: string, target: Table): RawBuilder<unknown> {
  return sql`select count(*) filter (where is_undone) as undone,
  count(*) filter (where not is_undone and decision = 'keep' and kind <> 'deleted') as kept,
  count(*) filter (where not is_undone and kind = 'deleted') as gone,
  count(*) filter (where not is_undone and (kind is null or kind <> 'deleted' and decision <> 'keep')) as missed
from (
  select u.row_key is not null as is_undone, c.kind, c.decision
  from ${id(rows)} as r
  left join ${id(undone)} as u on u.row_key = r.row_key
  left join drover.conflict as c on ${isConflict(target, 'r')}
) as account`
}

/** A table by its qualified name, quoted. */
export function relation(name: QualifiedName): RawBuilder<unknown> {
  return sql`${expressionOf(tableNode(name))}`
}

/** A name, quoted. */
export function id(name: string): RawBuilder<unknown> {
  return sql`${expressionOf(identifier(name))}`
}
