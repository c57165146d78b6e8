import { notOfExtension } from './own.ts'

/** Triggers that somebody made; those of a partitioned table make their copies on its partitions. */
export const triggersDdl = triggers({
  title: 'triggers',
  sql: 'pg_catalog.pg_get_triggerdef(t.oid)',
  where: 'not t.tgisinternal and t.tgparentid = 0',
})

/** Whether a trigger fires: each copy on a partition has a state of its own. */
export const triggerStatesDdl = triggers({
  title: 'states of triggers',
  sql: `pg_catalog.format(
    'alter table only %s %s trigger %I',
    c.oid::pg_catalog.regclass,
    case t.tgenabled when 'D' then 'disable' when 'R' then 'enable replica' else 'enable always' end,
    t.tgname
  )`,
  // Before PostgreSQL 15 the copies were marked internal. Copies of a foreign key's triggers have no state to be named by.
  where: `t.tgenabled <> 'O' and (not t.tgisinternal or (t.tgparentid <> 0 and t.tgconstraint = 0))`,
})

function triggers({ title, sql, where }: Readonly<Record<'title' | 'sql' | 'where', string>>): string {
  return `
/* drover ddl: ${title} */
select
  'pg_trigger/' || t.oid as address,
  pg_catalog.format('trigger %I on %s', t.tgname, c.oid::pg_catalog.regclass) as object,
  ${sql} as sql
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_namespace f on f.oid = p.pronamespace
where n.nspname = any ($1::pg_catalog.text[])
  and ${where}
  -- drover's own triggers come and go with a run; they are no part of the schema.
  and f.nspname <> 'drover'
  and ${notOfExtension('pg_class', 'c.oid')}
order by n.nspname, c.relname, t.tgname`
}
