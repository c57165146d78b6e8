/**
 * The condition that a row of a system catalog was made by somebody, not by an extension, which brings its own objects.
 * `catalog` is one of pg_class, pg_proc, …; `oid` is SQL.
 */
export function notOfExtension(catalog: string, oid: string): string {
  return `not exists (
    select from pg_catalog.pg_depend e
    where e.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass
      and e.objid = ${oid}
      and e.deptype = 'e'
  )`
}

/** The schemas whose objects are an application's: neither the server's, nor an extension's, nor the ledger's. */
export const ownSchemasQuery = `
/* drover ddl: own schemas */
select n.nspname::pg_catalog.text as name
from pg_catalog.pg_namespace n
where n.nspname not like 'pg\\_%'
  and n.nspname not in ('information_schema', 'drover')
  and ${notOfExtension('pg_namespace', 'n.oid')}
order by n.nspname`
