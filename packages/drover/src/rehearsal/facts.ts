import { sql } from 'kysely'
import { type Catalog, qualifiedName } from '../catalog/catalog.ts'
import { ownSchemas } from '../catalog/ddl/ddl.ts'
import { readCatalog } from '../catalog/read.ts'
import type { Table } from '../catalog/table.ts'
import type { Queryable } from '../db/connection.ts'
import { compile } from '../sql/compile.ts'
import { expressionOf, tableNode } from '../sql/nodes.ts'

/** The catalog of all of the application's schemas. */
export async function readOwnCatalog(tx: Queryable): Promise<Catalog> {
  const query = (text: string, values?: readonly unknown[]) => tx.query(text, values)
  return readCatalog(query, await ownSchemas(query))
}

/** The tables from which the rows of views and of tables with heirs come, by qualified names. */
export async function readUnder(tx: Queryable): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await tx.query(underQuery)
  const name = (row: Readonly<Record<string, unknown>>, part: 'over' | 'under') =>
    qualifiedName({ schema: row[`${part}_schema`] as string, name: row[`${part}_name`] as string })
  const pairs = Map.groupBy(rows, (row) => name(row, 'over'))
  return new Map([...pairs].map(([over, each]) => [over, each.map((row) => name(row, 'under'))]))
}

/** A view depends on what it reads through its rule; views under views are followed down. */
const underQuery = `/* drover sample: what views read */
with recursive direct as (
  select r.ev_class as over, d.refobjid as under
  from pg_rewrite as r
  join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
  where d.refobjid <> r.ev_class
  union
  select i.inhparent, i.inhrelid
  from pg_inherits as i
  join pg_class as p on p.oid = i.inhparent
  where p.relkind = 'r'
), reached as (
  select over, under from direct
  union
  select reached.over, direct.under
  from reached
  join direct on direct.over = reached.under
)
select n.nspname as over_schema, c.relname as over_name, un.nspname as under_schema, u.relname as under_name
from reached
join pg_class as c on c.oid = reached.over
join pg_namespace as n on n.oid = c.relnamespace
join pg_class as u on u.oid = reached.under
join pg_namespace as un on un.oid = u.relnamespace
where u.relkind in ('r', 'p', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
order by 1, 2, 3, 4`

/** How many rows a query of the table returns. */
export async function countRows(tx: Queryable, table: Table): Promise<bigint> {
  const statement = sql`/* drover sample count */ select count(*) as n from ${expressionOf(tableNode(table))}`
  const [row] = await tx.query(compile(statement.toOperationNode()))
  return BigInt(row!.n as string)
}
