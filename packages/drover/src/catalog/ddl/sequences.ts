import { notOfExtension } from './own.ts'

/**
 * Sequences with their column, if they have one; that of an identity column is made with the identity. Positions are
 * data.
 */
export const sequencesDdl = `
/* drover ddl: sequences */
select
  'pg_class/' || c.oid as address,
  'sequence ' || c.oid::pg_catalog.regclass as object,
  case
    when o.identity = '' or o.identity is null then pg_catalog.format(
      'create sequence %s as %s %s%s',
      c.oid::pg_catalog.regclass,
      pg_catalog.format_type(s.seqtypid, null),
      p.parameters,
      ' owned by ' || o.relation::pg_catalog.regclass || '.' || pg_catalog.quote_ident(o.name)
    )
    else pg_catalog.format(
      'alter table %s alter column %I add generated %s as identity (sequence name %s %s)',
      o.relation::pg_catalog.regclass,
      o.name,
      case o.identity when 'a' then 'always' else 'by default' end,
      c.oid::pg_catalog.regclass,
      p.parameters
    )
  end as sql
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join lateral pg_catalog.format(
  'start %s increment %s minvalue %s maxvalue %s cache %s%s',
  s.seqstart,
  s.seqincrement,
  s.seqmin,
  s.seqmax,
  s.seqcache,
  case when s.seqcycle then ' cycle' end
) as p (parameters)
left join lateral (
  select a.attrelid as relation, a.attname as name, case d.deptype when 'i' then a.attidentity else '' end as identity
  from pg_catalog.pg_depend d
  join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and d.objid = c.oid
    and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and d.deptype in ('a', 'i')
) o on true
where n.nspname = any ($1::pg_catalog.text[])
  and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname, c.relname`
