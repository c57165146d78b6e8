import { columnList, storageParameters } from './columns.ts'
import { notOfExtension } from './own.ts'

/** The wrapper of every foreign server here: it has no handler, so that nothing of a copy reaches another server. */
const unreachable = 'drover_unreachable'

const foreignServers = `
select distinct s.srvname
from pg_catalog.pg_foreign_table f
join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
join pg_catalog.pg_class c on c.oid = f.ftrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::pg_catalog.text[])`

/**
 * The servers of foreign tables by name, without options: a foreign table cannot be made without its server, and would
 * then look as if it had been dropped.
 */
export const foreignServersDdl = `
/* drover ddl: foreign servers */
with server as (${foreignServers})
select
  null as address,
  'foreign-data wrapper ${unreachable}' as object,
  'create foreign data wrapper ${unreachable}' as sql
where exists (select from server)
union all
(
  select
    null,
    pg_catalog.format('server %I', s.srvname),
    pg_catalog.format('create server %I foreign data wrapper ${unreachable}', s.srvname)
  from server s
  order by s.srvname
)`

/** Each table by itself; partitions and heirs are joined to their parents by {@link tableParentsDdl}. */
export const tablesDdl = `
/* drover ddl: tables */
select
  'pg_class/' || c.oid as address,
  case c.relkind when 'f' then 'foreign table ' else 'table ' end || c.oid::pg_catalog.regclass as object,
  pg_catalog.format(
    'create %s %s %s%s%s%s',
    case
      when c.relkind = 'f' then 'foreign table'
      when c.relpersistence = 'u' then 'unlogged table'
      else 'table'
    end,
    c.oid::pg_catalog.regclass,
    ${columnList},
    case when c.relkind = 'p' then ' partition by ' || pg_catalog.pg_get_partkeydef(c.oid) end,
    ${storageParameters},
    ' server ' || pg_catalog.quote_ident(s.srvname)
  ) as sql
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_foreign_table f on f.ftrelid = c.oid
left join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
where n.nspname = any ($1::pg_catalog.text[])
  and c.relkind in ('r', 'p', 'f')
  and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname, c.relname`

/** While the tables are empty nothing has to be looked through. */
export const tableParentsDdl = `
/* drover ddl: parents of tables */
select
  null as address,
  pg_catalog.format(
    '%s of table %s',
    case when c.relispartition then 'partition' else 'inheritance' end,
    c.oid::pg_catalog.regclass
  ) as object,
  case
    when c.relispartition then pg_catalog.format(
      'alter table %s attach partition %s %s',
      i.inhparent::pg_catalog.regclass,
      c.oid::pg_catalog.regclass,
      pg_catalog.pg_get_expr(c.relpartbound, c.oid)
    )
    else pg_catalog.format(
      'alter table %s inherit %s',
      c.oid::pg_catalog.regclass,
      i.inhparent::pg_catalog.regclass
    )
  end as sql
from pg_catalog.pg_inherits i
join pg_catalog.pg_class c on c.oid = i.inhrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and c.relkind in ('r', 'p', 'f')
  and not i.inhdetachpending
  and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname, c.relname, i.inhseqno`

/** Defaults of tables and of views. */
export const defaultsDdl = `
/* drover ddl: defaults */
select
  'pg_attrdef/' || d.oid as address,
  pg_catalog.format('default of %s.%I', c.oid::pg_catalog.regclass, a.attname) as object,
  pg_catalog.format(
    'alter table only %s alter column %I set default %s',
    c.oid::pg_catalog.regclass,
    a.attname,
    pg_catalog.pg_get_expr(d.adbin, d.adrelid)
  ) as sql
from pg_catalog.pg_attrdef d
join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
join pg_catalog.pg_class c on c.oid = d.adrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and a.attgenerated = ''
  and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname, c.relname, a.attnum`
