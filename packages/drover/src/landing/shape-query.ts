// What to make of tables of the source: `$1` their schemas, `$2` their names. Each row is one JSON text, so that what
// arrives does not hang on the type parsers of a driver.

/** A type where it is used: `oid` and `typmod` are SQL. */
function typeUse(oid: string, typmod: string): string {
  return `'type', ${oid}::text,
      'text', format_type(${oid}, ${typmod}),
      'modifier', substr(format_type(${oid}, ${typmod}), length(format_type(${oid}, null)) + 1)`
}

/** The collation of the attribute `a` where it is not that of its type `t`. */
const collation = `'collation', case when a.attcollation <> t.typcollation then (
        select json_build_object('schema', n.nspname, 'name', o.collname)
        from pg_collation o
        join pg_namespace n on n.oid = o.collnamespace
        where o.oid = a.attcollation
      ) end`

/**
 * Columns and unique keys of each table. A key of a table with heirs says nothing of theirs; one of a partitioned table
 * holds for all partitions.
 */
export const shapesQuery = `
/* drover landing: tables */
select json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'columns', coalesce((
      select json_agg(json_build_object(
          'name', a.attname,
          ${typeUse('a.atttypid', 'a.atttypmod')},
          ${collation},
          -- Of a view attnotnull is never set; from PostgreSQL 18 on old rows may hold nulls in spite of it.
          'notNull', a.attnotnull and not exists (
            select from pg_constraint k
            where k.conrelid = c.oid and k.contype = 'n' and k.conkey[1] = a.attnum and not k.convalidated
          )
        ) order by a.attnum)
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ), '[]'),
    'keys', coalesce((
      select json_agg(json_build_object(
          'name', x.relname,
          'columns', (
            select json_agg(a.attname order by k.position)
            from unnest(i.indkey::int2[]) with ordinality as k (attnum, position)
            join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
            where k.position <= i.indnkeyatts
          ),
          'primary', i.indisprimary,
          'nullsNotDistinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false)
        ) order by i.indisprimary desc, x.relname)
      from pg_index i
      join pg_class x on x.oid = i.indexrelid
      join pg_am m on m.oid = x.relam
      where i.indrelid = c.oid
        and i.indisunique
        and i.indisvalid
        and i.indpred is null
        and i.indexprs is null
        and m.amname = 'btree'
        -- WITHOUT OVERLAPS has another access method; a collation of the index's own compares otherwise than the column.
        and not exists (
          select
          from unnest(i.indkey::int2[], i.indcollation::oid[]) as k (attnum, compares)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
          where k.compares is not null and k.compares <> a.attcollation
        )
        and not (c.relkind = 'r' and exists (select from pg_inherits h where h.inhparent = c.oid))
    ), '[]')
  )::text as item
from unnest($1::text[], $2::text[]) with ordinality as asked (schema, name, position)
join pg_namespace n on n.nspname = asked.schema
join pg_class c on c.relnamespace = n.oid and c.relname = asked.name and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by asked.position`

/** The types that those columns use, directly or within others. */
export const typesQuery = `
/* drover landing: types */
with recursive used (oid) as (
  select a.atttypid
  from unnest($1::text[], $2::text[]) as asked (schema, name)
  join pg_namespace n on n.nspname = asked.schema
  join pg_class c on c.relnamespace = n.oid and c.relname = asked.name
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  union
  select part.oid
  from used
  join pg_type t on t.oid = used.oid
  cross join lateral (
    select e.oid from pg_type e where e.oid = t.typelem and e.typarray = t.oid
    union all
    select t.typbasetype where t.typtype = 'd'
    union all
    select a.atttypid
    from pg_attribute a
    where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
  ) as part (oid)
)
select json_build_object(
    'oid', t.oid::text,
    'schema', n.nspname,
    'name', t.typname,
    'kind', case
      when e.oid is not null then 'array'
      when t.typtype = 'd' then 'domain'
      when t.typtype = 'e' then 'enum'
      when t.typtype = 'c' then 'composite'
      else 'other'
    end,
    'under', case
      when e.oid is not null then json_build_object(${typeUse('e.oid', 'null')})
      when t.typtype = 'd' then json_build_object(${typeUse('t.typbasetype', 't.typtypmod')})
    end,
    'labels', coalesce((
      select json_agg(l.enumlabel order by l.enumsortorder) from pg_enum l where l.enumtypid = t.oid
    ), '[]'),
    'fields', coalesce((
      select json_agg(json_build_object(
          'name', a.attname,
          ${typeUse('a.atttypid', 'a.atttypmod')},
          ${collation.replace('t.typcollation', 'f.typcollation')}
        ) order by a.attnum)
      from pg_attribute a
      join pg_type f on f.oid = a.atttypid
      where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    ), '[]'),
    'extension', (
      select x.extname
      from pg_depend d
      join pg_extension x on x.oid = d.refobjid
      where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
    ),
    'binary', t.typsend <> 0 and t.typreceive <> 0
  )::text as item
from used
join pg_type t on t.oid = used.oid
join pg_namespace n on n.oid = t.typnamespace
left join pg_type e on e.oid = t.typelem and e.typarray = t.oid
order by n.nspname, t.typname`
