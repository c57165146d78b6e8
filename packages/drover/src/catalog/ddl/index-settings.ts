import { notOfExtension } from './own.ts'

/** What stands beside the definition of indexes and constraints, and is lost where they are made again without it. */
export const indexSettingsDdl = `
/* drover ddl: settings of indexes */
with own as (
  select i.*, c.relkind, c.relreplident, x.reloptions, n.nspname, c.relname, x.relname as index_name, k.oid as key
  from pg_catalog.pg_index i
  join pg_catalog.pg_class x on x.oid = i.indexrelid
  join pg_catalog.pg_class c on c.oid = i.indrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_constraint k on k.conindid = x.oid and k.contype in ('p', 'u', 'x')
  where n.nspname = any ($1::pg_catalog.text[])
    and c.relkind in ('r', 'p', 'm')
    and ${notOfExtension('pg_class', 'c.oid')}
)
select
  null as address,
  'index ' || o.indexrelid::pg_catalog.regclass as object,
  s.sql
from own o
cross join lateral (
  -- The definition of a constraint does not tell the parameters of its index.
  select pg_catalog.format(
      'alter index %s set (%s)',
      o.indexrelid::pg_catalog.regclass,
      pg_catalog.string_agg(pg_catalog.format('%I = %L', p.option_name, p.option_value), ', ' order by p.option_name)
    )
  from pg_catalog.pg_options_to_table(o.reloptions) p
  where o.key is not null
  having count(*) > 0
  union all
  select pg_catalog.format(
      'alter index %s alter column %s set statistics %s',
      o.indexrelid::pg_catalog.regclass,
      a.attnum,
      a.attstattarget
    )
  from pg_catalog.pg_attribute a
  -- "Not set" is -1 before PostgreSQL 17 and null from then on.
  where a.attrelid = o.indexrelid and a.attstattarget >= 0
  union all
  select pg_catalog.format('alter table %s cluster on %I', o.indrelid::pg_catalog.regclass, o.index_name)
  where o.indisclustered
  union all
  select pg_catalog.format(
      'alter table only %s replica identity using index %I',
      o.indrelid::pg_catalog.regclass,
      o.index_name
    )
  where o.indisreplident
  union all
  select pg_catalog.format('comment on index %s is %L', o.indexrelid::pg_catalog.regclass, d.description)
  from pg_catalog.pg_description d
  where d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = o.indexrelid and d.objsubid = 0
) as s (sql)
order by o.nspname, o.relname, o.index_name, s.sql`

/** Replica identities that need no index. */
export const replicaIdentitiesDdl = `
/* drover ddl: replica identities */
select
  null as address,
  'table ' || c.oid::pg_catalog.regclass as object,
  pg_catalog.format(
    'alter table only %s replica identity %s',
    c.oid::pg_catalog.regclass,
    case c.relreplident when 'f' then 'full' else 'nothing' end
  ) as sql
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and c.relkind in ('r', 'p', 'm')
  and c.relreplident in ('f', 'n')
  and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname, c.relname`

/** A comment on a constraint goes with it when it is made again, so that plans rest on it. */
export const constraintCommentsDdl = `
/* drover ddl: comments on constraints */
select
  null as address,
  pg_catalog.format('constraint %I on %s', k.conname, c.oid::pg_catalog.regclass) as object,
  pg_catalog.format(
    'comment on constraint %I on %s is %L',
    k.conname,
    c.oid::pg_catalog.regclass,
    d.description
  ) as sql
from pg_catalog.pg_constraint k
join pg_catalog.pg_description d on d.objoid = k.oid
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
  and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname, c.relname, k.conname`
