import type { Queryable } from '../db/connection.ts'

/**
 * Objects outside of drover's schema that need one inside it, each as the server describes it: views of somebody's on the
 * ledger, or a trigger that was made by hand. Dropping the schema would take them along.
 */
export async function readDependants(tx: Queryable): Promise<readonly string[]> {
  const rows = await tx.query(`with own as (
  select 'pg_class'::regclass as classid, oid as objid from pg_class where relnamespace = 'drover'::regnamespace
  union all
  select 'pg_proc'::regclass, oid from pg_proc where pronamespace = 'drover'::regnamespace
  union all
  select 'pg_type'::regclass, oid from pg_type where typnamespace = 'drover'::regnamespace
), needing as (
  -- A view needs what it reads by its rule.
  select distinct
    case when rule.oid is null then needed.classid else 'pg_class'::regclass end as classid,
    case when rule.oid is null then needed.objid else rule.ev_class end as objid
  from pg_depend as needed
  join own on own.classid = needed.refclassid and own.objid = needed.refobjid
  left join pg_rewrite as rule on needed.classid = 'pg_rewrite'::regclass and rule.oid = needed.objid
  where needed.deptype in ('n', 'a')
)
select distinct pg_describe_object(classid, objid, 0) as name
from needing
cross join lateral pg_identify_object(classid, objid, 0) as identified
where identified.schema is distinct from 'drover'
  and identified.identity not like 'drover.%'
  and identified.identity not like '% on drover.%'
order by 1`)
  return rows.map(({ name }) => name as string)
}
