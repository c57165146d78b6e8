import { storageParameters } from './columns.ts'
import { notOfExtension } from './own.ts'

/** Views and materialized views; these are filled if they were, from the rows that are there then. */
export const viewsDdl = `
/* drover ddl: views */
select
  'pg_class/' || c.oid as address,
  v.kind || ' ' || c.oid::pg_catalog.regclass as object,
  pg_catalog.format(
    'create %s %s%s as %s%s',
    v.kind,
    c.oid::pg_catalog.regclass,
    ${storageParameters},
    pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), ';'),
    case when c.relkind = 'm' and not c.relispopulated then ' with no data' end
  ) as sql
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join lateral (select case c.relkind when 'm' then 'materialized view' else 'view' end) as v (kind)
where n.nspname = any ($1::pg_catalog.text[])
  and c.relkind in ('v', 'm')
  and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname, c.relname`
