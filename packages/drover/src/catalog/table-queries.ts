// The catalogue queries about the server, its tables and their parts. $1 is the list of schemas. Each row is one
// object: `item`, a JSON text, so that what arrives does not hang on the type parsers of a driver, and, for tables and
// their parts, `relation`, the OID of the table.

/** Server version, existing schemas, and whether there are tables that tell how others are distributed, in one row. */
export const serverQuery = `
/* drover catalog: server */
select pg_catalog.json_build_object(
    'serverVersion', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
    'schemas', coalesce((
      select pg_catalog.json_agg(n.nspname order by n.nspname)
      from pg_catalog.pg_namespace n
      where n.nspname = any ($1::pg_catalog.text[])
    ), '[]'),
    'extensions', coalesce((
      select pg_catalog.json_agg(
        pg_catalog.json_build_object('name', e.extname, 'schema', n.nspname) order by e.extname
      )
      from pg_catalog.pg_extension e
      join pg_catalog.pg_namespace n on n.oid = e.extnamespace
    ), '[]'),
    'distributes', pg_catalog.to_regclass('pg_catalog.pg_dist_partition') is not null
  )::pg_catalog.text as item`

/** Tables, views and foreign tables of schemas `$1`, a JSON object each. */
export const tablesQuery = `
/* drover catalog: tables */
select
  c.oid::pg_catalog.text as relation,
  pg_catalog.json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'kind', case c.relkind
      when 'r' then 'table'
      when 'p' then 'partitioned'
      when 'v' then 'view'
      when 'm' then 'materialized view'
      when 'f' then 'foreign'
    end,
    'rowSecurity', c.relrowsecurity,
    'forceRowSecurity', c.relforcerowsecurity,
    'owner', pg_catalog.pg_get_userbyid(c.relowner),
    'query', case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end,
    'partitionKey', case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end,
    'partitionOf', case when c.relispartition then (
      select pg_catalog.json_build_object('schema', pn.nspname, 'name', p.relname)
      from pg_catalog.pg_inherits i
      join pg_catalog.pg_class p on p.oid = i.inhparent
      join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
      where i.inhrelid = c.oid
    ) end,
    'partitionBound', pg_catalog.pg_get_expr(c.relpartbound, c.oid),
    'hasChildren', exists (select from pg_catalog.pg_inherits i where i.inhparent = c.oid),
    'replicaIdentity', case c.relreplident
      when 'n' then 'nothing'
      when 'f' then 'full'
      when 'i' then 'index'
      else 'default'
    end
  )::pg_catalog.text as item
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by n.nspname, c.relname`

/** Triggers of the tables of schemas `$1` that somebody has made, a JSON object each. */
export const triggersQuery = `
/* drover catalog: triggers */
select
  t.tgrelid::pg_catalog.text as relation,
  pg_catalog.json_build_object(
    'name', t.tgname,
    'definition', pg_catalog.pg_get_triggerdef(t.oid),
    'enabled', t.tgenabled,
    'inherited', t.tgparentid <> 0
  )::pg_catalog.text as item
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_namespace f on f.oid = p.pronamespace
where n.nspname = any ($1::pg_catalog.text[])
  -- Before PostgreSQL 15 the triggers that partitions have from their parent were marked internal.
  and (not t.tgisinternal or (t.tgparentid <> 0 and p.proname not like 'RI\\_FKey\\_%'))
  -- drover's own triggers come and go with a run; they are no part of the schema.
  and f.nspname <> 'drover'
order by n.nspname, c.relname, t.tgname`

/** Policies of the tables of schemas `$1`, a JSON object each. */
export const policiesQuery = `
/* drover catalog: policies */
select
  p.polrelid::pg_catalog.text as relation,
  pg_catalog.json_build_object(
    'name', p.polname,
    'command', case p.polcmd
      when 'r' then 'select'
      when 'a' then 'insert'
      when 'w' then 'update'
      when 'd' then 'delete'
      else 'all'
    end,
    'permissive', p.polpermissive,
    'roles', (
      select pg_catalog.json_agg(r.name order by r.name collate "C")
      from (
        select case u.role when 0 then 'public' else pg_catalog.pg_get_userbyid(u.role)::pg_catalog.text end as name
        from pg_catalog.unnest(p.polroles) as u (role)
      ) r
    ),
    'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
    'check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
  )::pg_catalog.text as item
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::pg_catalog.text[])
order by n.nspname, c.relname, p.polname`
