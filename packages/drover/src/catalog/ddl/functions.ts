import { notOfExtension } from './own.ts'

/** Functions, procedures and window functions. */
export const functionsDdl = `
/* drover ddl: functions */
select
  'pg_proc/' || p.oid as address,
  case p.prokind when 'p' then 'procedure ' else 'function ' end || p.oid::pg_catalog.regprocedure as object,
  pg_catalog.pg_get_functiondef(p.oid) as sql
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname = any ($1::pg_catalog.text[])
  and p.prokind in ('f', 'p', 'w')
  -- The constructors of a range come with it.
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
      and d.objid = p.oid
      and d.deptype = 'i'
  )
  and ${notOfExtension('pg_proc', 'p.oid')}
order by n.nspname, p.proname, p.oid::pg_catalog.regprocedure::pg_catalog.text`
