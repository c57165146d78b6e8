import { notOfExtension } from './own.ts'

/** Indexes of tables and materialized views that serve no constraint, and all whose build was finished. */
export const indexesDdl = indexes('indexes', "i.indisvalid or c.relkind = 'p'", '')

/**
 * Indexes whose concurrent build failed, or is under way: they serve no query and no row enters them. No statement makes
 * one such inside a transaction, so that it takes a superuser; and an empty table: it may have failed of the rows.
 */
export const invalidIndexesDdl = indexes(
  'invalid indexes',
  "not i.indisvalid and c.relkind <> 'p'",
  `; update pg_catalog.pg_index set indisvalid = false, indisready = false where indexrelid = %L::pg_catalog.regclass`,
)

function indexes(title: string, condition: string, then: string): string {
  return `
/* drover ddl: ${title} */
select
  'pg_class/' || x.oid as address,
  'index ' || x.oid::pg_catalog.regclass as object,
  pg_catalog.format('%s${then}', pg_catalog.pg_get_indexdef(x.oid), x.oid::pg_catalog.regclass) as sql
from pg_catalog.pg_index i
join pg_catalog.pg_class x on x.oid = i.indexrelid
join pg_catalog.pg_class c on c.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and c.relkind in ('r', 'p', 'm')
  and (${condition})
  and not exists (
    select from pg_catalog.pg_constraint k
    where k.conindid = x.oid and k.contype in ('p', 'u', 'x')
  )
  and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname, c.relname, x.relname`
}

/** The index of a partitioned table becomes valid with the last one that joins it. */
export const indexPartitionsDdl = `
/* drover ddl: partitions of indexes */
select
  null as address,
  'partition of index ' || p.indexrelid::pg_catalog.regclass as object,
  pg_catalog.format(
    'alter index %s attach partition %s',
    p.indexrelid::pg_catalog.regclass,
    i.inhrelid::pg_catalog.regclass
  ) as sql
from pg_catalog.pg_inherits i
join pg_catalog.pg_index p on p.indexrelid = i.inhparent
join pg_catalog.pg_class x on x.oid = i.inhrelid
join pg_catalog.pg_namespace n on n.oid = x.relnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and ${notOfExtension('pg_class', 'p.indrelid')}
order by n.nspname, x.relname`
