import type { Table } from '../catalog/table.ts'

/** A foreign key, to a table of the same side. */
export interface ForeignKey {
  readonly columns: readonly string[]
  readonly references: { readonly schema: string; readonly table: string; readonly columns: readonly string[] }
}

/** The foreign keys of a table. */
export function foreignKeysOf({ constraints }: Table): readonly ForeignKey[] {
  return constraints.flatMap(({ columns, references }) => (references === undefined ? [] : [{ columns, references }]))
}

/** Whether a foreign key leads to a table. */
export function leadsTo({ references }: ForeignKey, table: Table): boolean {
  return references.schema === table.schema && references.table === table.name
}

/**
 * The column that references to rows of the table hold: the one of its primary key; of a key of several the one that is no
 * reference itself, or the last.
 */
export function keyColumnOf(table: Table): string | undefined {
  const { primaryKey = [] } = table
  const own = primaryKey.filter((column) => !foreignKeysOf(table).some(({ columns }) => columns.includes(column)))
  return own.at(-1) ?? primaryKey.at(-1)
}
