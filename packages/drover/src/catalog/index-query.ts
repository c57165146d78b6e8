/** The catalogue query about indexes; rows as in table-queries.ts. */
export function indexesQuery(serverVersion: number): string {
  const nullsNotDistinct = serverVersion >= 150_000 ? 'i.indnullsnotdistinct' : 'false'
  return `
/* drover catalog: indexes */
select
  i.indrelid::pg_catalog.text as relation,
  pg_catalog.json_build_object(
    'name', x.relname,
    'unique', i.indisunique,
    'primary', i.indisprimary,
    -- An expression has attnum 0, which no column has: null.
    'columns', (
      select pg_catalog.json_agg((${columnName}) order by u.position)
      from pg_catalog.unnest(i.indkey::pg_catalog.int2[]) with ordinality as u (attnum, position)
      where u.position <= i.indnkeyatts
    ),
    'included', coalesce((
      select pg_catalog.json_agg((${columnName}) order by u.position)
      from pg_catalog.unnest(i.indkey::pg_catalog.int2[]) with ordinality as u (attnum, position)
      where u.position > i.indnkeyatts
    ), '[]'),
    'predicate', pg_catalog.pg_get_expr(i.indpred, i.indrelid),
    'definition', pg_catalog.pg_get_indexdef(i.indexrelid),
    'valid', i.indisvalid,
    'nullsNotDistinct', ${nullsNotDistinct},
    'constraint', k.conname,
    'accessMethod', m.amname,
    'inherited', x.relispartition,
    'replicaIdentity', i.indisreplident,
    'clustered', i.indisclustered,
    'tablespace', s.spcname,
    'statisticsTargets', (
      -- "Not set" is -1 before PostgreSQL 17 and null from then on.
      select pg_catalog.json_agg(nullif(a.attstattarget, -1) order by a.attnum)
      from pg_catalog.pg_attribute a
      where a.attrelid = i.indexrelid and a.attnum <= i.indnkeyatts
    ),
    'comment', b.description,
    'requiredBy', coalesce((
      select pg_catalog.json_agg(distinct d.name collate "C" order by d.name collate "C")
      from (
        select case when fk.oid is null then o.type else 'foreign key' end || ' ' || o.identity as name
        from (
          -- Foreign keys depend on the index, views that group by a primary key on its constraint.
          select e.classid, e.objid, e.objsubid
          from pg_catalog.pg_depend e
          where e.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and e.refobjid = i.indexrelid
            and e.deptype = 'n'
          union all
          select e.classid, e.objid, e.objsubid
          from pg_catalog.pg_depend e
          where e.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
            and e.refobjid = k.oid
            and e.deptype = 'n'
        ) e
        left join pg_catalog.pg_constraint fk
          on e.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and fk.oid = e.objid
        left join pg_catalog.pg_rewrite r
          on e.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and r.oid = e.objid
        cross join lateral pg_catalog.pg_identify_object(
          case when r.oid is null then e.classid else 'pg_catalog.pg_class'::pg_catalog.regclass end,
          coalesce(r.ev_class, e.objid),
          case when r.oid is null then e.objsubid else 0 end
        ) o
        -- Only the foreign key that someone made, not its copies for partitions.
        where fk.oid is null or fk.conparentid = 0
      ) d
    ), '[]')
  )::pg_catalog.text as item
from pg_catalog.pg_index i
join pg_catalog.pg_class x on x.oid = i.indexrelid
join pg_catalog.pg_class c on c.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_am m on m.oid = x.relam
left join pg_catalog.pg_tablespace s on s.oid = x.reltablespace
left join pg_catalog.pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
left join pg_catalog.pg_description b
  on b.objoid = i.indexrelid and b.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and b.objsubid = 0
where n.nspname = any ($1::pg_catalog.text[])
order by n.nspname, c.relname, x.relname`
}

// A subselect and no join: it costs the same for every row, whatever the planner takes the number of rows to be.
const columnName = `
        select a.attname
        from pg_catalog.pg_attribute a
        where a.attrelid = i.indrelid and a.attnum = u.attnum
      `
