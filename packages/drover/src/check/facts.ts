import { qualifiedName } from '../catalog/catalog.ts'
import type { Database } from '../db/connection.ts'
import { mayRead } from '../ledger/readable.ts'
import type { CheckFacts } from '../plan/check.ts'

/** Bytes that a row is taken to have in a table that was never analyzed. */
const bytesPerRow = 150

/** What a check needs to know of the database besides its catalog. Reads statistics and definitions, no rows. */
export async function readFacts(
  db: Database,
  schemas: readonly string[],
): Promise<Pick<CheckFacts, 'hasLedger' | 'expressions' | 'rowsOf'>> {
  return db.transaction(
    async (tx) => {
      const indexes = await tx.query(indexExpressions, [schemas])
      const sizes = await tx.query(estimatedRows, [schemas, bytesPerRow])
      const rows = new Map(
        sizes.map(({ schema, name, rows }) => [
          qualifiedName({ schema: schema as string, name: name as string }),
          Number(rows),
        ]),
      )
      return {
        // Fixes and decisions lie in these.
        hasLedger: await mayRead(tx, ['overlay', 'apart']),
        expressions: new Map(indexes.map(({ index, keys }) => [index as string, keys as readonly string[]])),
        rowsOf: (table) => rows.get(table) ?? 0,
      }
    },
    { name: 'check', readOnly: true },
  )
}

/** The keys of unique indexes over expressions, without collation and operator class. */
const indexExpressions = `select n.nspname || '.' || x.relname as index,
  (
    select json_agg(pg_get_indexdef(i.indexrelid, position, false) order by position)
    from generate_series(1, i.indnkeyatts) as position
  ) as keys
from pg_index as i
join pg_class as x on x.oid = i.indexrelid
join pg_namespace as n on n.oid = x.relnamespace
where i.indisunique and i.indexprs is not null and n.nspname = any ($1)`

/** Of a partitioned table those of its partitions; of a view nothing is known. */
const estimatedRows = `select n.nspname as schema, c.relname as name,
  (
    select coalesce(sum(greatest(leaf.reltuples, pg_relation_size(leaf.oid) / $2::int)), 0)::bigint
    from pg_class as leaf
    where leaf.oid in (
      select c.oid
      union
      select relid from pg_partition_tree(c.oid) where isleaf
    ) and leaf.relkind in ('r', 'm')
  ) as rows
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where n.nspname = any ($1) and c.relkind in ('r', 'p', 'm')`
