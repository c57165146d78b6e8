/** The catalogue query about constraints; rows as in table-queries.ts. */
export function constraintsQuery(serverVersion: number): string {
  const nullsNotDistinct = serverVersion >= 150_000 ? 'i.indnullsnotdistinct' : 'false'
  const enforced = serverVersion >= 180_000 ? 'k.conenforced' : 'true'
  const period = serverVersion >= 180_000 ? 'k.conperiod' : 'false'
  return `
/* drover catalog: constraints */
with action (letter, name) as (
  values ('a', 'no action'), ('r', 'restrict'), ('c', 'cascade'), ('n', 'set null'), ('d', 'set default')
)
select
  k.conrelid::pg_catalog.text as relation,
  pg_catalog.json_build_object(
    'kind', case k.contype
      when 'p' then 'primary'
      when 'u' then 'unique'
      when 'f' then 'foreign'
      when 'c' then 'check'
      when 'x' then 'exclusion'
    end,
    'name', k.conname,
    'columns', coalesce((
      select pg_catalog.json_agg(a.attname order by u.position)
      from pg_catalog.unnest(k.conkey) with ordinality as u (attnum, position)
      join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum
    ), '[]'),
    'definition', pg_catalog.pg_get_constraintdef(k.oid),
    'validated', k.convalidated,
    'enforced', ${enforced},
    'fires', not exists (
      select from pg_catalog.pg_trigger t
      where t.tgconstraint = k.oid and t.tgisinternal and t.tgenabled in ('D', 'R')
    ),
    'nullsNotDistinct', k.contype = 'u' and ${nullsNotDistinct},
    'deferrable', k.condeferrable,
    'initiallyDeferred', k.condeferred,
    'inherited', k.coninhcount > 0,
    'references', case when k.contype = 'f' then pg_catalog.json_build_object(
      'schema', fn.nspname,
      'table', f.relname,
      'columns', (
        select pg_catalog.json_agg(a.attname order by u.position)
        from pg_catalog.unnest(k.confkey) with ordinality as u (attnum, position)
        join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.attnum
      ),
      'onDelete', on_delete.name,
      'onUpdate', on_update.name,
      'match', case when k.confmatchtype = 'f' then 'full' else 'simple' end,
      'period', ${period}
    ) end,
    'comment', b.description
  )::pg_catalog.text as item
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_class f on f.oid = k.confrelid
left join pg_catalog.pg_namespace fn on fn.oid = f.relnamespace
left join pg_catalog.pg_index i on i.indexrelid = k.conindid
left join action on_delete on on_delete.letter = k.confdeltype::pg_catalog.text
left join action on_update on on_update.letter = k.confupdtype::pg_catalog.text
left join pg_catalog.pg_description b
  on b.objoid = k.oid and b.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and b.objsubid = 0
where n.nspname = any ($1::pg_catalog.text[])
  and k.contype in ('p', 'u', 'f', 'c', 'x')
  -- A foreign key to a partitioned table has shadows in the same table, one for each partition: they are no objects
  -- that anyone made.
  and not exists (
    select from pg_catalog.pg_constraint p
    where p.oid = k.conparentid and p.conrelid = k.conrelid
  )
order by n.nspname, c.relname, k.conname`
}
