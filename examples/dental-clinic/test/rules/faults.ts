/** Something wrong with a migrated database. */
export interface Fault {
  /** Gives `key`, that of the row that it strikes or a part of it, and `named`, what a finding names; default the key. */
  readonly row: string
  /** Carried out before it, where a constraint would keep it out. */
  readonly open?: string
  /** One statement, with the key as $1. */
  readonly plant: string
  /** How the finding names it: with `$1` for what is named. Default `$1` alone. */
  readonly names?: string
  /** The rules that fail; the first one is the one meant. */
  readonly fails: readonly string[]
}

const perClinic = 'monthly production per clinic'
const perProvider = 'monthly production per provider'
const perMetric = 'number, sum, least and greatest value per metric, clinic and month'
const asShown = 'monthly production as it was shown, with all logged differences'
const eachDifference = 'each value that differs from what was shown has its entry in the ledger'
const totals = 'stored totals are what the values of each period come to'
const progress = 'current value and percentage of each goal'
const accounted = 'rows in and rows accounted for, per mapping'
const oneEntry = 'each legacy row has exactly one entry'
const eachTarget = 'each entry has its target row, each target row its entry'
const ids = 'ids are UUIDs of version 5, or were there before'
const originals = 'each changed value has its original in the ledger'
const tokens = 'tokens are the legacy ones, under encryption'

/** A value of production of a provider that no goal counts, as it was shown; by its new id. */
const production = (named: 'clinic_id' | 'provider_id') => `
  select v.id as key, v.${named} as named
  from public.metric_values as v
  join public.metric_definitions as d on d.id = v.metric_definition_id and d.name like '%Production'
  where v.provider_id is not null and v.quality = 'exact' and not exists (
    select from public.goals as g where g.metric_definition_id = v.metric_definition_id and g.clinic_id = v.clinic_id
  )
  order by v.id
  limit 1`

/** A row of a table by its key, as text. */
const firstKey = (table: string, condition: string, key = 'source_key') =>
  `select ${key} as key from ${table} where ${condition} order by ${key} collate "C" limit 1`
const firstId = (table: string, condition = 'true', key = 'id', named = key) =>
  `select ${key}::text as key, ${named}::text as named from ${table} where ${condition} order by id limit 1`

const newLocation = (id: string) => `
  insert into public.locations (id, clinic_id, name)
  select ${id}, id, 'New' from public.clinics where id = $1`

export const faults: Readonly<Record<string, Fault>> = {
  'a row that was set aside is forgotten': {
    row: firstKey('drover.quarantine', "mapping = 'widgets'"),
    plant: "delete from drover.quarantine where mapping = 'widgets' and source_key = $1",
    names: 'widgets',
    fails: [accounted, oneEntry, 'widgets per dashboard'],
  },
  'an entry is lost': {
    row: firstKey('drover.crosswalk_connection_sheets', "disposition = 'loaded'"),
    plant: 'delete from drover.crosswalk_connection_sheets where source_key = $1',
    fails: [oneEntry, accounted, eachTarget, originals, 'column mappings per sheet'],
  },
  'an entry says that a row was merged, and no merge is known': {
    row: firstKey('drover.crosswalk_widgets', "disposition = 'loaded'"),
    plant: `update drover.crosswalk_widgets set disposition = 'merged' where source_key = $1`,
    fails: [oneEntry],
  },
  'a target row is gone': {
    row: firstId('public.widgets'),
    plant: 'delete from public.widgets where id = $1',
    fails: [eachTarget, 'widgets per dashboard'],
  },
  'a target row that nobody made': {
    row: firstId('public.clinics'),
    plant: newLocation("'00000000-0000-5000-8000-000000000001'"),
    names: '00000000-0000-5000-8000-000000000001',
    fails: [eachTarget],
  },
  'an id at random': {
    row: firstId('public.clinics'),
    plant: newLocation("'00000000-0000-4000-8000-000000000001'"),
    names: '00000000-0000-4000-8000-000000000001',
    fails: [ids, eachTarget],
  },
  'an amount is a cent too much': {
    row: production('clinic_id'),
    plant: 'update public.metric_values set value = value + 0.01 where id = $1',
    fails: [perClinic, perProvider, perMetric, asShown, eachDifference, totals],
  },
  'an amount stands with another provider': {
    row: production('provider_id'),
    plant: `update public.metric_values as v set provider_id = (
      select id from public.providers as p where p.clinic_id = v.clinic_id and p.id <> v.provider_id order by id limit 1
    ) where id = $1`,
    fails: [perProvider, totals, originals],
  },
  'a number is another one': {
    row: firstId(
      'public.metric_values',
      "metric_definition_id in (select id from public.metric_definitions where data_type = 'percentage') and quality = 'exact'",
      'id',
      'metric_definition_id',
    ),
    plant: 'update public.metric_values set value = value + 0.5 where id = $1',
    fails: [perMetric, totals],
  },
  'a number that a goal counts is another one': {
    row: `
      select v.id as key, g.id as named
      from public.metric_values as v
      join public.goals as g on g.clinic_id = v.clinic_id and g.metric_definition_id = v.metric_definition_id
        and g.provider_id is not distinct from v.provider_id and v.metric_date between g.starts_on and g.ends_on
      where v.quality = 'exact'
      order by v.id
      limit 1`,
    plant: 'update public.metric_values set value = value + 0.5 where id = $1',
    fails: [progress, perClinic, perProvider, perMetric, asShown, eachDifference, totals],
  },
  'a value stands on another day': {
    row: firstId(
      'public.metric_values',
      `value_date is not null and not exists (
        select from public.metric_values as other
        where other.id <> metric_values.id and other.clinic_id = metric_values.clinic_id
          and other.metric_definition_id = metric_values.metric_definition_id
          and other.metric_date = metric_values.metric_date
      )`,
      'id',
      'clinic_id',
    ),
    plant: `update public.metric_values set metric_date = (
      select max(metric_date) from public.metric_values as other
      where other.id <> metric_values.id and other.clinic_id = metric_values.clinic_id
        and other.metric_definition_id = metric_values.metric_definition_id
    ) where id = $1`,
    fails: ['reporting days per clinic and metric'],
  },
  'the ledger does not tell that a clinic was derived': {
    row: `
      select c.source_key as key, v.clinic_id as named
      from drover.correction as c
      join drover.crosswalk_metric_values as w on w.source_key = c.source_key
      join public.metric_values as v on v.id = w.id
      join public.metric_definitions as d on d.id = v.metric_definition_id and d.name like '%Production'
      where c.mapping = 'metric_values' and c.column_name = 'clinic_id'
      order by c.source_key
      limit 1`,
    plant: "delete from drover.correction where mapping = 'metric_values' and source_key = $1",
    fails: [asShown, eachDifference, originals],
  },
  'the ledger does not tell why an amount was shown otherwise': {
    row: `
      select c.source_key as key
      from drover.correction as c
      join legacy.metric_values as v on v.id = c.source_key
      join legacy.metric_definitions as d on d.id = v.metric_definition_id and d.name like '%Production'
      where c.mapping = 'metric_values' and c.column_name = 'value' and v.value ~ '[$][1-9]'
        and not exists (select from drover.correction as o where o.source_key = c.source_key and o.column_name <> 'value')
      order by c.source_key collate "C"
      limit 1`,
    plant: "delete from drover.correction where mapping = 'metric_values' and source_key = $1",
    fails: [eachDifference, asShown, originals],
  },
  'a month is noted that is the same': {
    row: firstKey('drover.crosswalk_metric_values', "disposition = 'loaded'"),
    plant: `insert into drover.note (run_id, mapping, source_key, code, column_name)
      values (1, 'metric_values', $1, 'local-month', 'metric_date')`,
    fails: ['values whose month in UTC is not that of their clinic'],
  },
  'two values of one place': {
    row: firstId('public.metric_values', 'value_date is not null and external_id is not null', 'id', 'external_id'),
    open: 'drop index public.metric_values_natural_key',
    plant: `insert into public.metric_values
      select (jsonb_populate_record(v, '{"id": "00000000-0000-5000-8000-000000000001"}')).*
      from public.metric_values as v where id = $1`,
    fails: ['no two values share a natural key', eachTarget],
  },
  'a value without an external id is taken for merged': {
    row: `
      select w.source_key as key
      from drover.crosswalk_metric_values as w
      join legacy.metric_values as v on v.id = w.source_key and v.external_id is null
      where w.disposition = 'loaded'
      order by w.source_key collate "C"
      limit 1`,
    plant: `update drover.crosswalk_metric_values set disposition = 'merged' where source_key = $1`,
    fails: ['no value without an external id is merged or lost', oneEntry],
  },
  'a goal starts later': {
    row: `
      select g.id as key
      from public.goals as g
      join public.metric_values as v on v.clinic_id = g.clinic_id and v.metric_definition_id = g.metric_definition_id
        and v.provider_id is not distinct from g.provider_id and v.metric_date between g.starts_on and g.ends_on - 1
      where v.value > 0
      order by g.id
      limit 1`,
    plant: `update public.goals as g set starts_on = 1 + (
      select max(v.metric_date)
      from public.metric_values as v
      where v.clinic_id = g.clinic_id and v.metric_definition_id = g.metric_definition_id
        and v.provider_id is not distinct from g.provider_id and v.metric_date between g.starts_on and g.ends_on - 1
        and v.value > 0
    ) where id = $1`,
    fails: [progress],
  },
  'a goal asks for twice as much': {
    row: `
      select g.id as key
      from public.goals as g
      join public.metric_values as v on v.clinic_id = g.clinic_id and v.metric_definition_id = g.metric_definition_id
        and v.provider_id is not distinct from g.provider_id and v.metric_date between g.starts_on and g.ends_on
      group by g.id
      having sum(v.value) between 1 and g.target_value
      order by g.id
      limit 1`,
    plant: 'update public.goals set target_value = target_value * 2 where id = $1',
    names: '$1 (percentage)',
    fails: [progress],
  },
  'an open goal is closed': {
    row: firstId('public.goals', "status = 'active'", 'clinic_id'),
    plant: `update public.goals set status = 'completed' where id = (
      select id from public.goals where status = 'active' and clinic_id = $1::uuid order by id limit 1
    )`,
    fails: ['open goals per clinic'],
  },
  'a goal ends before it starts': {
    row: firstId(
      'public.goals',
      `not exists (
      select from public.metric_values as v
      where v.clinic_id = goals.clinic_id and v.metric_definition_id = goals.metric_definition_id
        and v.metric_date between goals.starts_on and goals.ends_on
    )`,
    ),
    open: `do $$ begin execute (
      select string_agg(format('alter table public.goals drop constraint %I', conname), ';')
      from pg_constraint where conrelid = 'public.goals'::regclass and contype = 'c'
    ); end $$`,
    plant: 'update public.goals set starts_on = ends_on, ends_on = starts_on - 1 where id = $1',
    fails: ['no goal ends before it starts'],
  },
  'a token is another one': {
    row: firstId('public.google_credentials'),
    plant: `update public.google_credentials set access_token_enc = (
      select access_token_enc from public.google_credentials where id <> $1::uuid order by id limit 1
    ) where id = $1::uuid`,
    fails: [tokens],
  },
  'a token stands in clear': {
    row: firstId('drover.crosswalk_google_credentials', "disposition = 'loaded'"),
    plant: `update public.google_credentials as c set refresh_token_enc = convert_to(d.refresh_token || 'x', 'UTF8')
      from drover.crosswalk_google_credentials as w join legacy.data_sources as d on d.id = w.source_key
      where c.id = $1::uuid and w.id = c.id and d.refresh_token is not null`,
    names: 'Credential $1 of source',
    fails: [tokens],
  },
  'a credential is known by another fingerprint': {
    row: firstId('public.google_credentials'),
    plant: `update public.google_credentials set token_fingerprint = '\\x00' where id = $1`,
    fails: [tokens],
  },
  'a column is mapped to another metric': {
    row: firstId('public.column_mappings'),
    plant: `update public.column_mappings set config = jsonb_set(config, '{columns, 0, metric_definition_id}', '"none"')
      where id = $1`,
    names: '(definition_id)',
    fails: ['column mappings per sheet'],
  },
  'a clinic has one sheet more': {
    row: firstId('public.connection_sheets', 'true', 'clinic_id'),
    plant: `insert into public.connection_sheets (id, connection_id, clinic_id, sheet_name, label)
      select '00000000-0000-5000-8000-000000000001', connection_id, clinic_id, 'New', ''
      from public.connection_sheets where clinic_id = $1::uuid order by id limit 1`,
    fails: ['sheets per clinic', eachTarget],
  },
  'a time is a millisecond late': {
    row: firstKey('drover.crosswalk_widgets', 'id is not null'),
    plant: `update public.widgets set updated_at = updated_at + interval '1 millisecond'
      where id = (select id from drover.crosswalk_widgets where source_key = $1)`,
    names: '(widgets, $1, updated_at)',
    fails: ['times are the legacy ones in UTC'],
  },
  'a sheet was synchronised at another time': {
    row: firstKey('drover.crosswalk_connection_sheets', "disposition = 'loaded'"),
    plant: `update public.connection_sheets set last_synced_at = coalesce(last_synced_at + interval '1 hour', now())
      where id = (select id from drover.crosswalk_connection_sheets where source_key = $1)`,
    names: '(connection_sheets, $1, last_synced_at)',
    fails: ['times are the legacy ones in UTC'],
  },
  'a dashboard is someone else’s': {
    row: firstId('public.dashboards', 'not is_default', 'owner_id'),
    plant: `update public.dashboards set owner_id = (
      select owner_id from public.dashboards where owner_id <> $1::uuid order by id limit 1
    ) where owner_id = $1::uuid and not is_default`,
    fails: ['dashboards per user'],
  },
  'a widget is on another dashboard': {
    row: firstId('public.widgets', 'true', 'dashboard_id'),
    plant: `update public.widgets set dashboard_id = (
      select id from public.dashboards where id <> $1::uuid order by id limit 1
    ) where id = (select id from public.widgets where dashboard_id = $1::uuid order by id limit 1)`,
    fails: ['widgets per dashboard'],
  },
  'a widget is wider': {
    row: firstId('public.widgets'),
    plant: 'update public.widgets set width = width + 1 where id = $1',
    fails: ['widgets keep their place and size', originals],
  },
  'two dashboards are the default': {
    row: `select owner_id as key from public.dashboards group by owner_id, clinic_id
      having count(*) > 1 and bool_or(is_default) and not bool_and(is_default) order by owner_id limit 1`,
    open: 'drop index public.dashboards_default_key',
    plant: 'update public.dashboards set is_default = true where owner_id = $1',
    fails: ['one default dashboard per owner and clinic', originals],
  },
  'a stored total is a cent too much': {
    row: firstId('public.metric_aggregations', "granularity = 'weekly'", 'metric_definition_id'),
    plant: `update public.metric_aggregations set sum = sum + 0.01 where id = (
      select id from public.metric_aggregations
      where granularity = 'weekly' and metric_definition_id = $1::uuid order by id limit 1
    )`,
    fails: [totals],
  },
  'a stored total is missing': {
    row: firstId('public.metric_aggregations', "granularity = 'yearly'", 'metric_definition_id'),
    plant: `delete from public.metric_aggregations where id = (
      select id from public.metric_aggregations
      where granularity = 'yearly' and metric_definition_id = $1::uuid order by id limit 1
    )`,
    fails: [totals, eachTarget],
  },
  'a status is another one': {
    row: firstKey('drover.crosswalk_providers', "disposition = 'loaded'"),
    plant: `update public.providers set status = case status when 'active' then 'inactive' else 'active' end::public.clinic_status
      where id = (select id from drover.crosswalk_providers where source_key = $1)`,
    names: '(providers, $1, status)',
    fails: [originals],
  },
  'a swap is not told': {
    row: firstKey('drover.correction', "mapping = 'goals' and code = 'reversed-range'"),
    plant: `delete from drover.correction where mapping = 'goals' and column_name = 'ends_on' and source_key = $1`,
    names: '(goals, $1, ends_on)',
    fails: [originals],
  },
  'a derived clinic is told with another original': {
    row: firstKey('drover.correction', "mapping = 'goals' and code = 'derived-clinic'"),
    plant: `update drover.correction set original = 'elsewhere' where mapping = 'goals' and column_name = 'clinic_id' and source_key = $1`,
    names: '(goals, $1, clinic_id)',
    fails: [originals],
  },
  'a currency is a default that nobody tells of': {
    row: firstKey('drover.correction', "mapping = 'clinics' and column_name = 'currency'"),
    plant: "delete from drover.correction where mapping = 'clinics' and column_name = 'currency' and source_key = $1",
    names: '($1, currency)',
    fails: ['each default of a clinic has its entry in the ledger'],
  },
  'a password is another one': {
    row: `select w.id as key from drover.crosswalk_auth_users as w
      join migration_input.password as i on i.legacy_id = w.source_key
      where w.disposition = 'loaded' order by w.id limit 1`,
    plant: `update auth.users set encrypted_password = encrypted_password || ' ' where id = $1`,
    fails: ['imported password hashes are the exported ones, of a supported kind'],
  },
}
