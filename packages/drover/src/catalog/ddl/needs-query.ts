/**
 * What each object needs, from what the server itself knows: pairs of addresses (`pg_class/16402`). An object is named by
 * what makes it: a view for its rule, a table for its row type and its generated columns, a type for its arrays, a
 * constraint for its index. What ties the copies of partitions to each other is left out: a statement of its own does.
 */
export const needsQuery = `
/* drover ddl: needs */
with made_by (classid, objid, address) as (
  select 'pg_catalog.pg_rewrite'::pg_catalog.regclass::pg_catalog.oid, r.oid, 'pg_class/' || r.ev_class
  from pg_catalog.pg_rewrite r
  union all
  select 'pg_catalog.pg_attrdef'::pg_catalog.regclass, d.oid, 'pg_class/' || d.adrelid
  from pg_catalog.pg_attrdef d
  join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
  where a.attgenerated <> ''
  union all
  select 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, 'pg_class/' || t.typrelid
  from pg_catalog.pg_type t
  where t.typrelid <> 0
  union all
  select
    'pg_catalog.pg_type'::pg_catalog.regclass,
    e.typarray,
    case when e.typrelid = 0 then 'pg_type/' || e.oid else 'pg_class/' || e.typrelid end
  from pg_catalog.pg_type e
  where e.typarray <> 0
  union all
  select 'pg_catalog.pg_type'::pg_catalog.regclass, r.rngmultitypid, 'pg_type/' || r.rngtypid
  from pg_catalog.pg_range r
  union all
  select 'pg_catalog.pg_class'::pg_catalog.regclass, k.conindid, 'pg_constraint/' || k.oid
  from pg_catalog.pg_constraint k
  where k.contype in ('p', 'u', 'x')
)
select distinct n.address, n.needed
from (
  select
    coalesce(m.address, d.classid::pg_catalog.regclass || '/' || d.objid) as address,
    coalesce(r.address, d.refclassid::pg_catalog.regclass || '/' || d.refobjid) as needed
  from pg_catalog.pg_depend d
  left join made_by m on m.classid = d.classid and m.objid = d.objid
  left join made_by r on r.classid = d.refclassid and r.objid = d.refobjid
  where d.deptype in ('n', 'a', 'i')
) n
where n.address <> n.needed
order by n.address, n.needed`
