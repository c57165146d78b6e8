import { type Expression, type RawBuilder, sql } from 'kysely'
import type { Catalog } from '../catalog/catalog.ts'
import type { Table } from '../catalog/table.ts'
import { columnOf } from '../sql/nodes.ts'
import { equals } from './equality.ts'

/** Whether the relations `one` and `other` have the same key of `table` in the columns `key`. */
export function hasSameKey(
  { table, key, catalog }: { readonly table: Table; readonly key: readonly string[]; readonly catalog: Catalog },
  one: string,
  other: string,
): RawBuilder<unknown> {
  return sql.join(
    key.map((name) => {
      const column = table.columns.find((candidate) => candidate.name === name)!
      return equals(column, catalog, columnOf(one, name), columnOf(other, name))
    }),
    sql` and `,
  )
}

/**
 * Whether all of the columns hold a value. The planner knows from its statistics how often that is so; of `num_nulls` it
 * takes it to be rare, and looks every row up by itself. A row type with empty fields is a value: `is not null` says no.
 */
export function isComplete(columns: readonly Expression<unknown>[]): RawBuilder<boolean> {
  return sql<boolean>`${sql.join(
    columns.map((column) => sql`${column} is distinct from null`),
    sql` and `,
  )}`
}
