import { notOfExtension } from './own.ts'

/** A generated column of search words names its configuration: without it there is no table. */
export const dictionariesDdl = `
/* drover ddl: text search dictionaries */
select
  'pg_ts_dict/' || d.oid as address,
  'text search dictionary ' || d.oid::pg_catalog.regdictionary as object,
  pg_catalog.format(
    'create text search dictionary %I.%I (template = %I.%I%s)',
    n.nspname,
    d.dictname,
    tn.nspname,
    t.tmplname,
    ', ' || d.dictinitoption
  ) as sql
from pg_catalog.pg_ts_dict d
join pg_catalog.pg_namespace n on n.oid = d.dictnamespace
join pg_catalog.pg_ts_template t on t.oid = d.dicttemplate
join pg_catalog.pg_namespace tn on tn.oid = t.tmplnamespace
where n.nspname = any ($1::pg_catalog.text[])
  and ${notOfExtension('pg_ts_dict', 'd.oid')}
order by n.nspname, d.dictname`

/** Configurations, each followed by the dictionaries of its kinds of words. */
export const configurationsDdl = `
/* drover ddl: text search configurations */
select s.address, 'text search configuration ' || g.oid::pg_catalog.regconfig as object, s.sql
from pg_catalog.pg_ts_config g
join pg_catalog.pg_namespace n on n.oid = g.cfgnamespace
join pg_catalog.pg_ts_parser p on p.oid = g.cfgparser
join pg_catalog.pg_namespace pn on pn.oid = p.prsnamespace
cross join lateral (
  select
    'pg_ts_config/' || g.oid,
    0,
    pg_catalog.format(
      'create text search configuration %I.%I (parser = %I.%I)',
      n.nspname,
      g.cfgname,
      pn.nspname,
      p.prsname
    )
  union all
  select
    null,
    m.maptokentype,
    pg_catalog.format(
      'alter text search configuration %I.%I add mapping for %I with %s',
      n.nspname,
      g.cfgname,
      w.alias,
      pg_catalog.string_agg(m.mapdict::pg_catalog.regdictionary::pg_catalog.text, ', ' order by m.mapseqno)
    )
  from pg_catalog.pg_ts_config_map m
  join pg_catalog.ts_token_type(g.cfgparser) w on w.tokid = m.maptokentype
  where m.mapcfg = g.oid
  group by m.maptokentype, w.alias
) as s (address, position, sql)
where n.nspname = any ($1::pg_catalog.text[])
  and ${notOfExtension('pg_ts_config', 'g.oid')}
order by n.nspname, g.cfgname, s.position`
