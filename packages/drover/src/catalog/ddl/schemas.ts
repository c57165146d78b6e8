import { notOfExtension } from './own.ts'

/** Each of the schemas `$1`. */
export const schemasDdl = `
/* drover ddl: schemas */
select
  'pg_namespace/' || n.oid as address,
  'schema ' || n.oid::pg_catalog.regnamespace as object,
  pg_catalog.format('create schema if not exists %I', n.nspname) as sql
from pg_catalog.pg_namespace n
where n.nspname = any ($1::pg_catalog.text[])
order by n.nspname`

/** Extensions of any schema, without their version: the other server has its own. */
export const extensionsDdl = `
/* drover ddl: extensions */
select
  'pg_extension/' || e.oid as address,
  pg_catalog.format('extension %I', e.extname) as object,
  pg_catalog.format(
    'create extension if not exists %I%s',
    e.extname,
    -- A schema that is not among ours is the extension's own: it makes it.
    case when n.nspname = any ($1::pg_catalog.text[]) then pg_catalog.format(' schema %I', n.nspname) end
  ) as sql
from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
order by e.extname`

/** The name of the locale stands in other columns of each version: as JSON the row has those that there are. */
export const collationsDdl = `
/* drover ddl: collations */
select
  'pg_collation/' || o.oid as address,
  pg_catalog.format('collation %I.%I', n.nspname, o.collname) as object,
  pg_catalog.format(
    'create collation %I.%I (%s, deterministic = %s%s)',
    n.nspname,
    o.collname,
    case o.collprovider
      when 'c' then pg_catalog.format('provider = libc, lc_collate = %L, lc_ctype = %L', o.collcollate, o.collctype)
      else pg_catalog.format(
        'provider = %s, locale = %L',
        case o.collprovider when 'b' then 'builtin' else 'icu' end,
        coalesce(j.fields ->> 'colllocale', j.fields ->> 'colliculocale', o.collcollate)
      )
    end,
    o.collisdeterministic::pg_catalog.text,
    ', rules = ' || pg_catalog.quote_literal(j.fields ->> 'collicurules')
  ) as sql
from pg_catalog.pg_collation o
join pg_catalog.pg_namespace n on n.oid = o.collnamespace
cross join lateral (select pg_catalog.to_jsonb(o)) as j (fields)
where n.nspname = any ($1::pg_catalog.text[])
  and ${notOfExtension('pg_collation', 'o.oid')}
order by n.nspname, o.collname`
