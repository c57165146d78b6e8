import { type RawBuilder, sql } from 'kysely'
import { sourceKey } from '../define/reference.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'
import { keyColumns } from './key-columns.ts'
import { ledgerTables } from './plan.ts'
import { drivingColumn, type MappingParts } from './row.ts'
import { castType } from './type-name.ts'

/** What a repair does with a row, as `drover.repair_key` says. */
export type Purpose = 'try' | 'change' | 'group' | 'moved' | 'withdraw'

/** The source keys that a repair names for a mapping and has not dealt with. `$1` run. */
export function repairKeys(mapping: string, ...purposes: readonly Purpose[]): RawBuilder<unknown> {
  return sql`select source_key from drover.repair_key where run_id = $1::bigint and mapping = ${sql.lit(mapping)} and purpose in (${sql.join(purposes.map((purpose) => sql.lit(purpose)))}) and not done`
}

/**
 * Holds for the source rows that a repair names. Where the key is columns of the driving table they are compared in their
 * own types, so that an index finds the rows; `key` is the same as one text.
 */
export function isNamed(parts: MappingParts, purpose: Purpose, key: RawBuilder<unknown>): RawBuilder<unknown> {
  const keys = repairKeys(parts.mapping.name, purpose)
  const columns = keyColumns(parts)
  if (columns === undefined) return sql`${key} collate "C" in (${keys})`
  const [only] = columns
  if (columns.length === 1) {
    const own = expressionOf(drivingColumn(parts, only!.name))
    return sql`${own} in (select source_key::${sql.raw(castType(only!.baseType))} from (${keys}) as named)`
  }
  const own = columns.map(({ name }) => expressionOf(drivingColumn(parts, name)))
  const named = columns.map(
    ({ baseType }, i) => sql`(source_key::jsonb ->> ${sql.lit(i)})::${sql.raw(castType(baseType))}`,
  )
  return sql`(${sql.join(own)}) in (select ${sql.join(named)} from (${keys}) as named)`
}

/** The key as it is written, of the source row alone. */
export function writtenKey({ mapping }: MappingParts): RawBuilder<unknown> {
  return sql`(${sourceKey(mapping.key.map(expressionOf))})`
}

/** The row of the crosswalk that says what became of the source row, joined as `walked`. */
export function walkedJoin({ mapping }: MappingParts, key: RawBuilder<unknown>): RawBuilder<unknown> {
  const crosswalk = expressionOf(tableNode(ledgerTables.crosswalk(mapping.name)))
  return sql`join ${crosswalk} as walked on walked.source_key = ${key} collate "C"`
}

/** Names rows, once. */
export function nameRows(mapping: string, rows: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`insert into drover.repair_key (run_id, mapping, source_key, purpose)
select $1::bigint, ${sql.lit(mapping)}, source_key, purpose
from (${rows}) as found
on conflict do nothing`
}

/** Rows of a relation whose target row has moved. */
export function moved(mapping: string, source: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`moved as (
  insert into drover.repair_key (run_id, mapping, source_key, purpose)
  select $1::bigint, ${sql.lit(mapping)}, source_key, 'moved'
  from ${source}
  on conflict do nothing
)`
}
