import { notOfExtension } from './own.ts'

/**
 * Primary keys, unique and exclusion constraints, of each table by itself: so the constraint of a partition keeps its
 * name, until its index joins that of the parent.
 */
export const keysDdl = constraintsDdl('keys', {
  where: `k.contype in ('p', 'u', 'x')`,
  only: true,
})

/**
 * Checks where they were declared, from where they reach partitions and heirs; and `not null not valid` of PostgreSQL 18.
 */
export const checksDdl = constraintsDdl('checks', {
  where: `(k.contype = 'c' or (k.contype = 'n' and not k.convalidated)) and k.conislocal`,
  only: false,
})

/**
 * A foreign key of a partitioned table makes those of its partitions. One that bears another name there is made first
 * and then taken over. Shadows in the referring table, one for each partition of the referenced one, are no objects
 * that anyone made.
 */
export const foreignKeysDdl = constraintsDdl('foreign keys', {
  where: `k.contype = 'f'
  and not exists (
    select from pg_catalog.pg_constraint p
    where p.oid = k.conparentid and (p.conrelid = k.conrelid or p.conname = k.conname)
  )`,
  only: false,
  first: 'k.conparentid = 0, ',
})

interface Selection {
  readonly where: string
  /** Whether the statement keeps to the table itself. */
  readonly only: boolean
  /** What goes ahead of schema and table in the order. */
  readonly first?: string
}

function constraintsDdl(title: string, { where, only, first = '' }: Selection): string {
  return `
/* drover ddl: ${title} */
select
  'pg_constraint/' || k.oid as address,
  pg_catalog.format('constraint %I on %s', k.conname, c.oid::pg_catalog.regclass) as object,
  pg_catalog.format(
    'alter table${only ? ' only' : ''} %s add constraint %I %s',
    c.oid::pg_catalog.regclass,
    k.conname,
    pg_catalog.pg_get_constraintdef(k.oid)
  ) as sql
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and c.relkind in ('r', 'p', 'f')
  and ${where}
  and ${notOfExtension('pg_class', 'c.oid')}
order by ${first}n.nspname, c.relname, k.conname`
}
