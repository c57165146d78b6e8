import type { Queryable } from '../db/connection.ts'
import type { QualifiedName } from '../sql/nodes.ts'

/** A table that holds rows by itself: a plain one, a partition, an heir. */
export interface Part {
  /** Null: the relation is read as a whole, because it is a view or foreign, or what holds its rows may not be read. */
  readonly part: QualifiedName | null
  /** The file that holds it; another one means that its rows have moved. */
  readonly filenode: string | null
  /** Null of what has no blocks. */
  readonly blocks: number | null
  /** With what is stored out of line. */
  readonly bytes: number
  /** As the server estimates. */
  readonly rows: number
}

/** What parts hold together. */
export function bytesOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Where the rows of each table lie, in the order in which they are asked for. */
export async function readParts(
  tx: Queryable,
  tables: readonly QualifiedName[],
): Promise<readonly (readonly Part[])[]> {
  const rows = await tx.query(partsQuery, [tables.map(({ schema }) => schema), tables.map(({ name }) => name)])
  const parts = rows.map((row) => JSON.parse(String(row.item)) as readonly (Part & { readonly isReadable: boolean })[])
  return parts.map((of) => (of.length > 0 && of.every(({ isReadable }) => isReadable) ? of : [whole(of)]))
}

function whole(parts: readonly Part[]): Part {
  const rows = parts.reduce((all, part) => all + part.rows, 0)
  return { part: null, filenode: null, blocks: null, bytes: bytesOf(parts), rows }
}

/** `$1` schemas, `$2` names. A block that comes to be after the snapshot holds no row that it shows. */
const partsQuery = `
/* drover landing: parts */
with recursive asked (position, oid, relkind) as (
  select asked.position, c.oid, c.relkind
  from unnest($1::text[], $2::text[]) with ordinality as asked (schema, name, position)
  join pg_namespace n on n.nspname = asked.schema
  join pg_class c on c.relnamespace = n.oid and c.relname = asked.name
), part (position, oid) as (
  select position, oid from asked where relkind in ('r', 'p', 'm')
  union
  select part.position, i.inhrelid
  from part
  join pg_inherits i on i.inhparent = part.oid and not i.inhdetachpending
)
select coalesce(
    json_agg(
      json_build_object(
        'part', json_build_object('schema', n.nspname, 'name', c.relname),
        'filenode', pg_relation_filenode(c.oid)::text,
        'blocks', case when c.relkind <> 'f' then pg_relation_size(c.oid) / current_setting('block_size')::int end,
        'bytes', case when c.relkind = 'f' then 0 else pg_table_size(c.oid) end,
        'rows', greatest(c.reltuples, 0),
        'isReadable', has_table_privilege(c.oid, 'select')
      )
      order by c.oid
    ) filter (where c.oid is not null),
    '[]'
  )::text as item
from asked
left join part on part.position = asked.position
left join pg_class c on c.oid = part.oid and c.relkind <> 'p'
left join pg_namespace n on n.oid = c.relnamespace
group by asked.position
order by asked.position`
