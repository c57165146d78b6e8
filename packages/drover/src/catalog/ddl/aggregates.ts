import { notOfExtension } from './own.ts'

/** Plain aggregates: the server prints no definition of them. Ordered-set and moving-window ones are left out. */
export const aggregatesDdl = `
/* drover ddl: aggregates */
select
  'pg_proc/' || p.oid as address,
  'aggregate ' || p.oid::pg_catalog.regprocedure as object,
  pg_catalog.format(
    'create aggregate %I.%I(%s) (sfunc = %s, stype = %s%s%s%s, parallel = %s)',
    n.nspname,
    p.proname,
    coalesce(nullif(pg_catalog.pg_get_function_identity_arguments(p.oid), ''), '*'),
    a.aggtransfn,
    pg_catalog.format_type(a.aggtranstype, null),
    case when a.aggfinalfn <> 0 then ', finalfunc = ' || a.aggfinalfn end,
    case when a.aggcombinefn <> 0 then ', combinefunc = ' || a.aggcombinefn end,
    ', initcond = ' || pg_catalog.quote_literal(a.agginitval),
    case p.proparallel when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end
  ) as sql
from pg_catalog.pg_aggregate a
join pg_catalog.pg_proc p on p.oid = a.aggfnoid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname = any ($1::pg_catalog.text[])
  and a.aggkind = 'n'
  and a.aggmtransfn = 0
  and ${notOfExtension('pg_proc', 'p.oid')}
order by n.nspname, p.proname, p.oid::pg_catalog.regprocedure::pg_catalog.text`
