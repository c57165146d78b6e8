/**
 * The columns of the relation `c`, as the SQL of a list in parentheses: in order of position, dropped ones left out. A
 * generated column has its expression here: rows are loaded around it. Defaults come later, since they may read from
 * sequences and functions that need the table.
 */
export const columnList = `(
  select '(' || coalesce(
      pg_catalog.string_agg(
        pg_catalog.format(
          '%I %s%s%s%s',
          a.attname,
          pg_catalog.format_type(a.atttypid, a.atttypmod),
          case when a.attcollation <> t.typcollation then ' collate ' || a.attcollation::pg_catalog.regcollation end,
          ' generated always as (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ')'
            || case a.attgenerated when 's' then ' stored' else ' virtual' end,
          case when a.attnotnull and not coalesce(k.later, false) then ' not null' end
            || case when k.alone then ' no inherit' else '' end
        ),
        ', ' order by a.attnum
      ),
      ''
    ) || ')'
  from pg_catalog.pg_attribute a
  join pg_catalog.pg_type t on t.oid = a.atttypid
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum and a.attgenerated <> ''
  -- From PostgreSQL 18 on, not null is a constraint; where old rows may still hold nulls it is added after the rows.
  left join lateral (
    select not n.convalidated as later, n.connoinherit as alone
    from pg_catalog.pg_constraint n
    where n.conrelid = a.attrelid and n.contype = 'n' and n.conkey[1] = a.attnum
  ) k on true
  where a.attrelid = c.oid
    and a.attnum > 0
    and not a.attisdropped
)`

/** The storage parameters of the relation `c` as `with (…)`, or null. */
export const storageParameters = `(
  select ' with (' || pg_catalog.string_agg(
      pg_catalog.format('%I = %L', o.option_name, o.option_value),
      ', ' order by o.option_name
    ) || ')'
  from pg_catalog.pg_options_to_table(c.reloptions) o
)`
