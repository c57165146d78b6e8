import { columnList } from './columns.ts'
import { notOfExtension } from './own.ts'

/** Enums, composite types, ranges and domains; the order among them follows from what each needs. */
export const typesDdl = `
/* drover ddl: types */
select
  -- A composite type is known by its class: so are its columns, and what depends on them.
  case when t.typtype = 'c' then 'pg_class/' || c.oid else 'pg_type/' || t.oid end as address,
  case when t.typtype = 'd' then 'domain ' else 'type ' end || n.name as object,
  case t.typtype
    when 'e' then pg_catalog.format('create type %s as enum (%s)', n.name, (
      select pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
      from pg_catalog.pg_enum e
      where e.enumtypid = t.oid
    ))
    when 'c' then pg_catalog.format('create type %s as %s', n.name, ${columnList})
    when 'r' then (
      select pg_catalog.format(
          'create type %s as range (subtype = %s, subtype_opclass = %I.%I%s%s%s, multirange_type_name = %s)',
          n.name,
          pg_catalog.format_type(r.rngsubtype, null),
          os.nspname,
          o.opcname,
          case when r.rngcollation <> 0 then ', collation = ' || r.rngcollation::pg_catalog.regcollation end,
          case when r.rngcanonical <> 0 then ', canonical = ' || r.rngcanonical end,
          case when r.rngsubdiff <> 0 then ', subtype_diff = ' || r.rngsubdiff end,
          pg_catalog.format_type(r.rngmultitypid, null)
        )
      from pg_catalog.pg_range r
      join pg_catalog.pg_opclass o on o.oid = r.rngsubopc
      join pg_catalog.pg_namespace os on os.oid = o.opcnamespace
      where r.rngtypid = t.oid
    )
    else pg_catalog.format(
      'create domain %s as %s%s%s%s',
      n.name,
      pg_catalog.format_type(t.typbasetype, t.typtypmod),
      case when t.typcollation <> u.typcollation then ' collate ' || t.typcollation::pg_catalog.regcollation end,
      ' default ' || pg_catalog.pg_get_expr(t.typdefaultbin, 0),
      case when t.typnotnull then ' not null' end
    )
  end as sql
from pg_catalog.pg_type t
join pg_catalog.pg_namespace s on s.oid = t.typnamespace
cross join lateral pg_catalog.format_type(t.oid, null) as n (name)
left join pg_catalog.pg_class c on c.oid = t.typrelid
left join pg_catalog.pg_type u on u.oid = t.typbasetype
where s.nspname = any ($1::pg_catalog.text[])
  and (t.typtype in ('e', 'r', 'd') or (t.typtype = 'c' and c.relkind = 'c'))
  and ${notOfExtension('pg_type', 't.oid')}
order by s.nspname, t.typname`

/**
 * The checks of domains; `validated` chooses those that all values meet, or the others: rows may break these, so they
 * belong after the rows.
 */
export function domainChecksDdl(validated: boolean): string {
  return `
/* drover ddl: domain checks */
select
  'pg_constraint/' || k.oid as address,
  pg_catalog.format('constraint %I on domain %s', k.conname, pg_catalog.format_type(t.oid, null)) as object,
  pg_catalog.format(
    'alter domain %s add constraint %I %s',
    pg_catalog.format_type(t.oid, null),
    k.conname,
    pg_catalog.pg_get_constraintdef(k.oid)
  ) as sql
from pg_catalog.pg_constraint k
join pg_catalog.pg_type t on t.oid = k.contypid
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and k.contype = 'c'
  and ${validated ? '' : 'not '}k.convalidated
  and ${notOfExtension('pg_type', 't.oid')}
order by n.nspname, t.typname, k.conname`
}
