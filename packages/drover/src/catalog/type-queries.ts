// The catalogue queries about columns and types; rows as in table-queries.ts.

/**
 * `type_name`: for each type that a query asks for its kind and its names as {schema, name, array}, once as declared
 * and once with domains replaced by the type under them. An array is named by its element. Each type is looked up by
 * its OID, which `offset 0` keeps the planner from turning into joins over all types: a server has hundreds, of which a
 * table uses few.
 */
const typeNames = (types: string) => `
  domain_step (domain, base, not_null) as (
    select t.oid, t.typbasetype, t.typnotnull
    from pg_catalog.pg_type t
    where t.typtype = 'd'
    union all
    select s.domain, t.typbasetype, s.not_null or t.typnotnull
    from domain_step s
    join pg_catalog.pg_type t on t.oid = s.base
    where t.typtype = 'd'
  ),
  resolved (domain, base, not_null) as (
    select s.domain, s.base, s.not_null
    from domain_step s
    join pg_catalog.pg_type t on t.oid = s.base
    where t.typtype <> 'd'
  ),
  asked (type) as materialized (${types}),
  type_name (type, kind, declared, base, not_null, default_value) as materialized (
    select
      t.oid,
      case
        when e.oid is not null then 'array'
        when t.typtype = 'd' then 'domain'
        when t.typtype = 'e' then 'enum'
        when t.typtype = 'c' then 'composite'
        when t.typtype = 'r' then 'range'
        when t.typtype = 'm' then 'multirange'
        else 'base'
      end,
      pg_catalog.json_build_object(
        'schema', (select n.nspname from pg_catalog.pg_namespace n where n.oid = coalesce(e.typnamespace, t.typnamespace)),
        'name', coalesce(e.typname, t.typname),
        'array', e.oid is not null
      ),
      pg_catalog.json_build_object(
        'schema', (select n.nspname from pg_catalog.pg_namespace n where n.oid = r.typnamespace),
        'name', r.typname,
        'array', be.oid is not null
      ),
      coalesce(td.not_null, false),
      pg_catalog.pg_get_expr(t.typdefaultbin, 0)
    from asked
    cross join lateral (select * from pg_catalog.pg_type t where t.oid = asked.type offset 0) t
    left join lateral (
      select * from pg_catalog.pg_type e where e.oid = t.typelem and e.typarray = t.oid offset 0
    ) e on true
    left join resolved td on td.domain = t.oid
    left join lateral (
      select be.oid
      from pg_catalog.pg_type b
      join pg_catalog.pg_type be on be.oid = b.typelem and be.typarray = b.oid
      where b.oid = coalesce(td.base, t.oid)
      offset 0
    ) be on true
    left join resolved ed on ed.domain = be.oid
    cross join lateral (
      select * from pg_catalog.pg_type r where r.oid = coalesce(ed.base, be.oid, td.base, t.oid) offset 0
    ) r
  )`

/** Columns of the tables and views of schemas `$1`, a JSON object each. */
export const columnsQuery = `
/* drover catalog: columns */
with recursive ${typeNames(`
    select distinct a.atttypid
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any ($1::pg_catalog.text[])
      and c.relkind in ('r', 'p', 'v', 'm', 'f')
      and a.attnum > 0
      and not a.attisdropped
  `)}
select
  a.attrelid::pg_catalog.text as relation,
  pg_catalog.json_build_object(
    'name', a.attname,
    'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
    'typeName', t.declared,
    'baseType', t.base,
    'kind', t.kind,
    'notNull', a.attnotnull or t.not_null,
    'default', coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), t.default_value),
    'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
    'generated', case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end,
    'collation', case when o.oid is not null then
      pg_catalog.json_build_object('schema', cn.nspname, 'name', o.collname, 'array', false)
    end,
    'collationDeterministic', coalesce(o.collisdeterministic, true),
    'ordinal', pg_catalog.row_number() over (partition by a.attrelid order by a.attnum)
  )::pg_catalog.text as item
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join type_name t on t.type = a.atttypid
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
left join pg_catalog.pg_collation o on o.oid = a.attcollation
left join pg_catalog.pg_namespace cn on cn.oid = o.collnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and a.attnum > 0
  and not a.attisdropped
order by n.nspname, c.relname, a.attnum`

/** All enums: which of them belong to the catalog follows from its columns. */
export const enumsQuery = `
/* drover catalog: enums */
select pg_catalog.json_build_object(
    'schema', n.nspname,
    'name', t.typname,
    'values', coalesce((
      select pg_catalog.json_agg(e.enumlabel order by e.enumsortorder)
      from pg_catalog.pg_enum e
      where e.enumtypid = t.oid
    ), '[]')
  )::pg_catalog.text as item
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where t.typtype = 'e'
order by n.nspname, t.typname`

/** All domains: which of them belong to the catalog follows from its columns. */
export const domainsQuery = `
/* drover catalog: domains */
with recursive ${typeNames(`
    select d.oid from pg_catalog.pg_type d where d.typtype = 'd'
    union
    select d.typbasetype from pg_catalog.pg_type d where d.typtype = 'd'
  `)}
select pg_catalog.json_build_object(
    'schema', n.nspname,
    'name', t.typname,
    'type', pg_catalog.format_type(t.typbasetype, t.typtypmod),
    'typeName', under.declared,
    'baseType', own.base,
    'notNull', own.not_null,
    'default', own.default_value,
    'collation', case when o.oid is not null then
      pg_catalog.json_build_object('schema', cn.nspname, 'name', o.collname, 'array', false)
    end,
    'constraints', coalesce((
      select pg_catalog.json_agg(
        pg_catalog.json_build_object(
          'name', k.conname,
          'definition', pg_catalog.pg_get_constraintdef(k.oid),
          'validated', k.convalidated
        )
        order by k.conname
      )
      from pg_catalog.pg_constraint k
      where k.contypid = t.oid and k.contype = 'c'
    ), '[]')
  )::pg_catalog.text as item
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
join type_name own on own.type = t.oid
join type_name under on under.type = t.typbasetype
left join pg_catalog.pg_collation o on o.oid = t.typcollation
left join pg_catalog.pg_namespace cn on cn.oid = o.collnamespace
where t.typtype = 'd'
order by n.nspname, t.typname`
