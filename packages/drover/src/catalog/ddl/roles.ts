import { notOfExtension } from './own.ts'

/**
 * The roles that own something, may do something or are named by a policy, those of `$2`, and those that they are
 * members of, groups first. They cannot log in. Roles belong to the whole server: one that exists is left as it is,
 * whoever made it. Where the role that makes them may not give away a right (superuser, bypassrls, membership), it
 * makes them without.
 */
export const rolesDdl = `
/* drover ddl: roles */
with recursive relation as (
  select c.oid, c.relowner, c.relacl
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1::pg_catalog.text[])
    and ${notOfExtension('pg_class', 'c.oid')}
),
owned (owner, acl) as (
  select relowner, relacl
  from relation
  union all
  select r.relowner, a.attacl
  from relation r
  join pg_catalog.pg_attribute a on a.attrelid = r.oid
  where a.attacl is not null
  union all
  select n.nspowner, n.nspacl
  from pg_catalog.pg_namespace n
  where n.nspname = any ($1::pg_catalog.text[])
  union all
  select p.proowner, p.proacl
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where n.nspname = any ($1::pg_catalog.text[])
    and ${notOfExtension('pg_proc', 'p.oid')}
  union all
  select t.typowner, t.typacl
  from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  where n.nspname = any ($1::pg_catalog.text[])
    and ${notOfExtension('pg_type', 't.oid')}
),
mentioned (role, depth) as (
  select m.role, 0
  from (
    select o.owner
    from owned o
    union
    select g.grantee
    from owned o
    cross join lateral pg_catalog.aclexplode(o.acl) g
    union
    select u.role
    from pg_catalog.pg_policy p
    join relation r on r.oid = p.polrelid
    cross join lateral pg_catalog.unnest(p.polroles) as u (role)
    union
    select r.oid
    from pg_catalog.pg_roles r
    where r.rolname = any ($2::pg_catalog.text[])
  ) m (role)
  union
  select a.roleid, m.depth + 1
  from mentioned m
  join pg_catalog.pg_auth_members a on a.member = m.role
),
wanted as (
  select
    r.oid,
    r.rolname,
    max(m.depth) as depth,
    pg_catalog.concat(
      case when r.rolsuper then ' superuser' end,
      case when r.rolbypassrls then ' bypassrls' end,
      case when not r.rolinherit then ' noinherit' end
    ) as rights,
    (
      select ' in role ' || pg_catalog.string_agg(pg_catalog.quote_ident(g.rolname), ', ' order by g.rolname)
      from pg_catalog.pg_auth_members a
      join pg_catalog.pg_roles g on g.oid = a.roleid
      where a.member = r.oid
    ) as groups
  from mentioned m
  join pg_catalog.pg_roles r on r.oid = m.role
  -- The server's own.
  where r.rolname not like 'pg\\_%'
  group by r.oid, r.rolname, r.rolsuper, r.rolbypassrls, r.rolinherit
)
select
  'pg_authid/' || w.oid as address,
  pg_catalog.format('role %I', w.rolname) as object,
  pg_catalog.format('do %L', pg_catalog.format(
    $do$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = %1$L) then
    begin
      create role %1$I nologin%2$s%3$s;
    exception
      when insufficient_privilege then create role %1$I nologin;
    end;
  end if;
exception
  -- Another session was faster.
  when duplicate_object or unique_violation then null;
end
$do$,
    w.rolname,
    w.rights,
    w.groups
  )) as sql
from wanted w
order by w.depth desc, w.rolname`
