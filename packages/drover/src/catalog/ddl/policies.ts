import { notOfExtension } from './own.ts'

/** Each policy of the tables of schemas `$1`. */
export const policiesDdl = `
/* drover ddl: policies */
select
  'pg_policy/' || p.oid as address,
  pg_catalog.format('policy %I on %s', p.polname, c.oid::pg_catalog.regclass) as object,
  pg_catalog.format(
    'create policy %I on %s as %s for %s to %s%s%s',
    p.polname,
    c.oid::pg_catalog.regclass,
    case when p.polpermissive then 'permissive' else 'restrictive' end,
    case p.polcmd
      when 'r' then 'select'
      when 'a' then 'insert'
      when 'w' then 'update'
      when 'd' then 'delete'
      else 'all'
    end,
    (
      select pg_catalog.string_agg(
          case u.role when 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(u.role)) end,
          ', ' order by u.position
        )
      from pg_catalog.unnest(p.polroles) with ordinality as u (role, position)
    ),
    ' using (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
    ' with check (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')'
  ) as sql
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname, c.relname, p.polname`

/** Row security of the tables of schemas `$1`: a statement where it is enabled, and one where it is forced. */
export const rowSecurityDdl = `
/* drover ddl: row security */
select
  null as address,
  'row security of table ' || c.oid::pg_catalog.regclass as object,
  pg_catalog.format('alter table only %s %s row level security', c.oid::pg_catalog.regclass, s.state) as sql
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select 'enable'
  where c.relrowsecurity
  union all
  select 'force'
  where c.relforcerowsecurity
) as s (state)
where n.nspname = any ($1::pg_catalog.text[])
  and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname, c.relname, s.state`
