/**
 * The catalogue query about distribution; rows as in table-queries.ts. Only where `pg_dist_partition` exists, which
 * Citus makes in pg_catalog. Tried against the recorded catalogue of Citus 12.1; `column_to_column_name` is what Citus
 * documents for reading `partkey`, and null where that is null.
 */
export const distributionQuery = `
/* drover catalog: distribution */
select
  c.oid::pg_catalog.text as relation,
  pg_catalog.json_build_object(
    'kind', case
      when d.partkey is not null then 'distributed'
      when d.repmodel = 't' then 'reference'
      when d.colocationid = 0 then 'local'
      else 'single shard'
    end,
    'column', pg_catalog.column_to_column_name(d.logicalrelid, d.partkey),
    'colocation', d.colocationid,
    'shards', coalesce(g.shardcount, 1)
  )::pg_catalog.text as item
from pg_catalog.pg_dist_partition d
join pg_catalog.pg_class c on c.oid = d.logicalrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_dist_colocation g on g.colocationid = d.colocationid
where n.nspname = any ($1::pg_catalog.text[])
order by n.nspname, c.relname`
