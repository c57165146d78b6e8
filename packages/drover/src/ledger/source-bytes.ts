import type { Queryable } from '../db/connection.ts'

/**
 * What a relation takes on the disk with its large values and its partitions, in bytes, an int8 as text. Null of one that
 * stores nothing itself: a view, a table of another server.
 */
export async function readSourceBytes(
  tx: Queryable,
  relation: { readonly schema: string; readonly name: string },
): Promise<string | null> {
  const [row] = await tx.query(
    `select nullif(sum(pg_table_size(part)), 0)::bigint as bytes
from (
  select to_regclass(format('%I.%I', $1::text, $2::text))::oid as part
  union
  select relid from pg_partition_tree(to_regclass(format('%I.%I', $1::text, $2::text)))
) as parts`,
    [relation.schema, relation.name],
  )
  return row?.bytes as string | null
}
