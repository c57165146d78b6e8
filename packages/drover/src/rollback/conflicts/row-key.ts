import { type RawBuilder, sql } from 'kysely'
import { capabilitiesOf } from '../../catalog/capabilities.ts'
import type { Catalog, Column, Table } from '../../catalog/catalog.ts'
import { castType } from '../../plan/type-name.ts'
import { columnOf } from '../../sql/nodes.ts'
import { equals } from '../../verify/equality.ts'
import { keyText } from '../range.ts'

/**
 * The key by which a conflict names the row `alias` of `table`; its place where the table has no primary key. Where
 * rows have no place either, rows that are alike in all columns are one.
 */
export function rowKey(table: Table, alias: string): RawBuilder<unknown> {
  if (table.primaryKey !== undefined) return keyText({ targetKey: table.primaryKey }, alias)
  if (!capabilitiesOf(table).hasPlaces) return rowDigest(table, alias)
  const place = sql`${columnOf(alias, 'ctid')}::text`
  // Each partition counts its places anew.
  return hasParts(table)
    ? sql`(${columnOf(alias, 'tableoid')}::text || ' ' || ${place}) collate "C"`
    : sql`(${place}) collate "C"`
}

/**
 * Whether `alias` is the row of `table` that `key` names. The text is read back into the types of the key, so that an index
 * finds the row: `key` must come from a subquery that holds keys of this table alone.
 */
export function hasRowKey(now: Catalog, table: Table, alias: string, key: RawBuilder<unknown>): RawBuilder<unknown> {
  const { primaryKey } = table
  if (primaryKey === undefined) {
    if (!capabilitiesOf(table).hasPlaces) return sql`${rowDigest(table, alias)} = ${key}`
    const ctid = columnOf(alias, 'ctid')
    if (!hasParts(table)) return sql`${ctid} = (${key})::tid`
    return sql`${columnOf(alias, 'tableoid')} = split_part(${key}, ' ', 1)::oid and ${ctid} = split_part(${key}, ' ', 2)::tid`
  }
  return sql.join(
    primaryKey.map((name, i) => {
      const column = table.columns.find((candidate) => candidate.name === name)!
      const part = primaryKey.length === 1 ? key : sql`((${key})::json ->> ${sql.lit(i)})`
      return equals(column, now, columnOf(alias, name), readAs(column, part))
    }),
    sql` and `,
  )
}

function rowDigest({ columns }: Table, alias: string): RawBuilder<unknown> {
  return sql`(md5(row(${sql.join(columns.map(({ name }) => columnOf(alias, name)))})::text)) collate "C"`
}

function readAs({ baseType }: Column, text: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(${text})::${sql.raw(castType(baseType))}`
}

function hasParts({ kind, hasChildren }: Table): boolean {
  return kind === 'partitioned' || hasChildren
}
