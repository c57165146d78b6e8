import { notOfExtension } from './own.ts'

/**
 * `ownable`: schemas, tables, views, sequences, types and routines with owner, rights, and the word that `alter` and
 * `grant` know each by.
 */
const ownable = `
ownable (altered, granted, name, owner, acl, follows) as (
  select 'schema', 'schema', pg_catalog.quote_ident(n.nspname), n.nspowner, n.nspacl, false
  from pg_catalog.pg_namespace n
  where n.nspname = any ($1::pg_catalog.text[])
  union all
  select
    case c.relkind when 'S' then 'sequence' when 'c' then 'type' else 'table' end,
    case c.relkind when 'S' then 'sequence' when 'c' then 'type' else 'table' end,
    c.oid::pg_catalog.regclass::pg_catalog.text,
    c.relowner,
    case c.relkind when 'c' then t.typacl else c.relacl end,
    -- The sequence of a column belongs to whom the table does.
    c.relkind = 'S' and exists (
      select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.objid = c.oid
        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.deptype in ('a', 'i')
    )
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_type t on t.oid = c.reltype
  where n.nspname = any ($1::pg_catalog.text[])
    and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')
    and ${notOfExtension('pg_class', 'c.oid')}
  union all
  select 'type', 'type', pg_catalog.format_type(t.oid, null), t.typowner, t.typacl, false
  from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  where n.nspname = any ($1::pg_catalog.text[])
    and t.typtype in ('e', 'r', 'd')
    and ${notOfExtension('pg_type', 't.oid')}
  union all
  select 'routine', 'routine', p.oid::pg_catalog.regprocedure::pg_catalog.text, p.proowner, p.proacl, false
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where n.nspname = any ($1::pg_catalog.text[])
    and not exists (
      select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
        and d.objid = p.oid
        and d.deptype = 'i'
    )
    and ${notOfExtension('pg_proc', 'p.oid')}
)`

/** Owners come last: whoever made an object may do with it what he likes until then. */
export const ownersDdl = `
/* drover ddl: owners */
with ${ownable}
select
  null as address,
  pg_catalog.format('owner of %s %s', o.altered, o.name) as object,
  pg_catalog.format('alter %s %s owner to %I', o.altered, o.name, pg_catalog.pg_get_userbyid(o.owner)) as sql
from ownable o
where not o.follows
order by o.altered, o.name`

/** Rights where they were ever changed: they are taken from everybody first, then given as they stand. */
export const grantsDdl = `
/* drover ddl: grants */
with ${ownable},
right_on (granted, name, grantee, grantable, privileges) as (
  select
    o.granted,
    o.name,
    g.grantee,
    g.is_grantable,
    pg_catalog.string_agg(g.privilege_type, ', ' order by g.privilege_type)
  from ownable o
  cross join lateral pg_catalog.aclexplode(o.acl) g
  group by o.granted, o.name, g.grantee, g.is_grantable
  union all
  select
    'table',
    c.oid::pg_catalog.regclass::pg_catalog.text,
    g.grantee,
    g.is_grantable,
    pg_catalog.string_agg(pg_catalog.format('%s (%I)', g.privilege_type, a.attname), ', ' order by g.privilege_type)
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  cross join lateral pg_catalog.aclexplode(a.attacl) g
  where n.nspname = any ($1::pg_catalog.text[])
    and not a.attisdropped
    and ${notOfExtension('pg_class', 'c.oid')}
  group by c.oid, a.attnum, g.grantee, g.is_grantable
)
select null as address, s.object, s.sql
from (
  select
    o.granted,
    o.name,
    0 as step,
    pg_catalog.format('rights on %s %s', o.granted, o.name) as object,
    pg_catalog.format(
      'revoke all on %s %s from public, %I',
      o.granted,
      o.name,
      pg_catalog.pg_get_userbyid(o.owner)
    ) as sql
  from ownable o
  where o.acl is not null
  union all
  select
    r.granted,
    r.name,
    1,
    pg_catalog.format('rights on %s %s', r.granted, r.name),
    pg_catalog.format(
      'grant %s on %s %s to %s%s',
      r.privileges,
      r.granted,
      r.name,
      case r.grantee when 0 then 'public' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(r.grantee)) end,
      case when r.grantable then ' with grant option' end
    )
  from right_on r
) s
order by s.granted, s.name, s.step, s.sql`
