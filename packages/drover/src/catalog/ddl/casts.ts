import { notOfExtension } from './own.ts'

/** Casts from or to a type of the schemas. */
export const castsDdl = `
/* drover ddl: casts */
select
  'pg_cast/' || c.oid as address,
  pg_catalog.format('cast from %s to %s', t.source, t.target) as object,
  pg_catalog.format(
    'create cast (%s as %s) %s%s',
    t.source,
    t.target,
    case c.castmethod
      when 'f' then 'with function ' || c.castfunc::pg_catalog.regprocedure
      when 'i' then 'with inout'
      else 'without function'
    end,
    case c.castcontext when 'i' then ' as implicit' when 'a' then ' as assignment' end
  ) as sql
from pg_catalog.pg_cast c
cross join lateral (
  select
    pg_catalog.format_type(c.castsource, null) as source,
    pg_catalog.format_type(c.casttarget, null) as target
) t
where exists (
    select from pg_catalog.pg_type o
    join pg_catalog.pg_namespace n on n.oid = o.typnamespace
    where o.oid in (c.castsource, c.casttarget) and n.nspname = any ($1::pg_catalog.text[])
  )
  -- The cast of a range to its multirange comes with them.
  and not exists (
    select from pg_catalog.pg_range r
    where r.rngtypid = c.castsource and r.rngmultitypid = c.casttarget
  )
  and ${notOfExtension('pg_cast', 'c.oid')}
order by t.source, t.target`
