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
select pg_describe_object(classid, objid, 0) as name
from needing
where 'drover'::regnamespace is distinct from case classid
  when 'pg_class'::regclass then (select relnamespace from pg_class where oid = objid)
  when 'pg_type'::regclass then (select typnamespace from pg_type where oid = objid)
  when 'pg_proc'::regclass then (select pronamespace from pg_proc where oid = objid)
  when 'pg_constraint'::regclass then (select connamespace from pg_constraint where oid = objid)
  when 'pg_attrdef'::regclass then (
    select relnamespace from pg_attrdef join pg_class on pg_class.oid = adrelid where pg_attrdef.oid = objid
  )
end
order by 1`)
  return rows.map(({ name }) => name as string)
}
