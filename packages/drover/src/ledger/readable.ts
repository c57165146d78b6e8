import type { Queryable } from '../db/connection.ts'

// By the catalogue and not by `to_regclass`, which raises an error where the role may not use the schema.

/** Whether the ledger of this database has the table. */
export async function hasTable(tx: Queryable, name: string): Promise<boolean> {
  const rows = await tx.query(
    `select from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = 'drover' and c.relname = $1`,
    [name],
  )
  return rows.length > 0
}

/** Whether the ledger of this database has all of the tables, and this role may read them. */
export async function mayRead(tx: Queryable, names: readonly string[]): Promise<boolean> {
  const rows = await tx.query(
    `select from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = 'drover' and c.relname = any ($1)
  and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')`,
    [names],
  )
  return rows.length === names.length
}
