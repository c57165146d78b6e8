import type { Database } from '../db/connection.ts'
import type { Plan } from '../plan/plan.ts'
import { parseName } from '../sql/nodes.ts'

/**
 * How many rows the sources of the mappings hold, as the server's statistics have it; none of those that were never
 * analyzed.
 */
export async function readSourceRows(db: Database, { mappings }: Plan): Promise<ReadonlyMap<string, number>> {
  const read = mappings.filter(({ source }) => source !== 'query')
  const found = await db.transaction(
    (tx) =>
      tx.query(
        `select named.mapping, c.reltuples::float8 as rows
from unnest($1::text[], $2::text[], $3::text[]) as named (mapping, schema_name, table_name)
join pg_namespace n on n.nspname = named.schema_name
join pg_class c on c.relnamespace = n.oid and c.relname = named.table_name
where c.reltuples >= 0`,
        [
          read.map(({ name }) => name),
          read.map(({ source }) => parseName(source).schema),
          read.map(({ source }) => parseName(source).name),
        ],
      ),
    { readOnly: true },
  )
  return new Map(found.map((row) => [row.mapping as string, Math.round(row.rows as number)]))
}
