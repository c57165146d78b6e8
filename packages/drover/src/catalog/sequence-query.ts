/**
 * The sequences of the schemas, and those of other schemas that feed a column of a table in them; rows as in
 * table-queries.ts.
 */
export const sequencesQuery = `
/* drover catalog: sequences */
with used as (
  select
    u.sequence,
    (pg_catalog.array_agg(u.item) filter (where u.owned))[1] as owned_by,
    pg_catalog.json_agg(u.item order by u.schema, u.table, u.attnum) filter (where u.feeding) as feeds,
    pg_catalog.bool_or(u.feeding and u.schema = any ($1::pg_catalog.text[])) as feeds_catalog
  from (
    select
      l.sequence,
      l.owned,
      l.feeding,
      l.attnum,
      n.nspname as schema,
      c.relname as table,
      pg_catalog.json_build_object('schema', n.nspname, 'table', c.relname, 'column', a.attname) as item
    from (
      -- owned by (a) and identity (i): the sequence depends on the column
      select d.objid, true, d.deptype = 'i', d.refobjid, d.refobjsubid
      from pg_catalog.pg_depend d
      join pg_catalog.pg_sequence s on s.seqrelid = d.objid
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.refobjsubid > 0
        and d.deptype in ('a', 'i')
      union all
      -- nextval in a default: the default depends on the sequence
      select d.refobjid, false, true, f.adrelid, f.adnum::pg_catalog.int4
      from pg_catalog.pg_depend d
      join pg_catalog.pg_attrdef f on f.oid = d.objid
      join pg_catalog.pg_sequence s on s.seqrelid = d.refobjid
      where d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.deptype = 'n'
    ) as l (sequence, owned, feeding, relation, attnum)
    join pg_catalog.pg_class c on c.oid = l.relation
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = l.relation and a.attnum = l.attnum
  ) u
  group by u.sequence
)
select pg_catalog.json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'type', pg_catalog.format_type(s.seqtypid, null),
    'start', s.seqstart::pg_catalog.text,
    'increment', s.seqincrement::pg_catalog.text,
    'minimum', s.seqmin::pg_catalog.text,
    'maximum', s.seqmax::pg_catalog.text,
    'cache', s.seqcache::pg_catalog.text,
    'cycles', s.seqcycle,
    'ownedBy', used.owned_by,
    'feeds', coalesce(used.feeds, '[]')
  )::pg_catalog.text as item
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join used on used.sequence = s.seqrelid
where n.nspname = any ($1::pg_catalog.text[])
  or used.feeds_catalog
order by n.nspname, c.relname`
