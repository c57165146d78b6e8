import type { Queryable } from '../db/connection.ts'

/**
 * What a relation takes on the disk with its large values and its partitions or heirs, in bytes, an int8 as text; of a
 * distributed table what its shards take on their nodes. Null of one that stores nothing itself: a view, a table of
 * another server.
 */
export async function readSourceBytes(
  tx: Queryable,
  relation: { readonly schema: string; readonly name: string },
): Promise<string | null> {
  const [row] = await tx.query(ownBytes, [relation.schema, relation.name])
  const { bytes, distributes } = row as { readonly bytes: string | null; readonly distributes: boolean }
  if (!distributes) return bytes
  const [spread] = await tx.query(shardBytes, [relation.schema, relation.name])
  return (spread?.bytes as string | undefined) ?? bytes
}

/**
 * `distributes`: whether there are tables whose rows lie on other nodes, of which this server says that they take
 * nothing.
 */
const ownBytes = `with recursive part (oid) as (
  select to_regclass(format('%I.%I', $1::text, $2::text))::oid
  union
  select i.inhrelid
  from part
  join pg_inherits as i on i.inhparent = part.oid
)
select nullif(sum(pg_table_size(oid)), 0)::bigint as bytes,
  to_regclass('pg_catalog.pg_dist_partition') is not null as distributes
from part`

/** No row where the table is none of these. `citus_table_size` refuses others. Not tried on a cluster. */
const shardBytes = `select pg_catalog.citus_table_size(spread.logicalrelid)::bigint as bytes
from pg_catalog.pg_dist_partition as spread
where spread.logicalrelid = to_regclass(format('%I.%I', $1::text, $2::text))`
