import { type RawBuilder, sql } from 'kysely'
import type { Table } from '../catalog/table.ts'
import { sourceKey } from '../define/reference.ts'
import { columnOf, expressionOf, type QualifiedName, tableNode } from '../sql/nodes.ts'
import type { SampleRow } from './verification.ts'
import type { Violations } from './violations.ts'

/** The rows that a foreign key or unique index of a table reaches: not into tables that inherit, but into partitions. */
export function ownRows(table: Table | undefined, name: QualifiedName): RawBuilder<unknown> {
  const only = table?.kind === 'table' && table.hasChildren ? sql`only ` : sql``
  return sql`${only}${expressionOf(tableNode(name))}`
}

/** The primary key of a target row as one text. */
export function rowKey({ primaryKey = [] }: Table, alias: string): RawBuilder<string> {
  return sql<string>`${sourceKey(primaryKey.map((name) => columnOf(alias, name)))}`
}

/** The rows that violations name by {@link rowKey}, as samples. */
export function samplesOf({ primaryKey = [] }: Table, { keys }: Violations): readonly SampleRow[] {
  return keys.map((key) => {
    const values = primaryKey.length === 1 ? [key] : (JSON.parse(key) as string[])
    return { key: Object.fromEntries(primaryKey.map((name, i) => [name, values[i]!])) }
  })
}
