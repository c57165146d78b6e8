import type { Mutation } from './mutation.ts'

/** The row of a table that comes first in the order of its key, among those that a condition holds for. */
const first = (table: string, where = 'true') => `(select id from ${table} where ${where} order by id limit 1)`

const value = 'public.metric_values'
const plain = 'value is not null and provider_id is not null'

/** Faults in the values of rows: what a wrong script, a wrong hand or a wrong zone does. */
const cells: readonly Mutation[] = [
  {
    fault: 'two cells swapped between rows',
    plant: `
      with pair as (
        select a.id as one, b.id as other, a.value as one_value, b.value as other_value
        from ${value} as a join ${value} as b on b.value <> a.value
        order by a.id, b.id limit 1
      )
      update ${value} as v
      set value = case when v.id = pair.one then pair.other_value else pair.one_value end
      from pair where v.id in (pair.one, pair.other)`,
    check: 'row comparison',
    names: ['metric_values', 'value'],
  },
  {
    fault: 'two rows swapped',
    plant: `
      create temporary table pair as
      select a.id as one, b.id as other
      from public.goals as a join public.goals as b on b.id > a.id and b.target_value <> a.target_value
      order by a.id, b.id limit 1;
      update public.goals set id = '00000000-0000-4000-8000-000000000000' where id = (select one from pair);
      update public.goals set id = (select one from pair) where id = (select other from pair);
      update public.goals set id = (select other from pair) where id = '00000000-0000-4000-8000-000000000000'`,
    check: 'row comparison',
    names: ['goals'],
  },
  {
    fault: 'null became an empty text',
    plant: `update ${value} set source_sheet = '' where id = ${first(value, 'source_sheet is null')}`,
    check: 'row comparison',
    names: ['metric_values', 'source_sheet'],
  },
  {
    fault: 'an empty text became null',
    plant: `update auth.users set recovery_token = null
      where id = ${first('auth.users', "recovery_token = '' and id in (select id from drover.crosswalk_auth_users where disposition = 'loaded')")}`,
    check: 'row comparison',
    names: ['auth_users', 'recovery_token'],
  },
  {
    fault: 'a trailing space',
    plant: `update public.goals set name = name || ' ' where id = ${first('public.goals')}`,
    check: 'row comparison',
    names: ['goals', 'name'],
  },
  {
    fault: 'an hour',
    plant: `update ${value} set observed_at = observed_at + interval '1 hour' where id = ${first(value)}`,
    check: 'row comparison',
    names: ['metric_values', 'observed_at'],
  },
  {
    fault: 'a millisecond',
    plant: `update public.profiles set updated_at = updated_at + interval '1 millisecond' where id = ${first('public.profiles')}`,
    check: 'row comparison',
    names: ['profiles', 'updated_at'],
  },
  {
    fault: 'a day',
    plant: `update ${value} set metric_date = metric_date + 1 where id = ${first(value, 'external_id is null')}`,
    check: 'row comparison',
    names: ['metric_values', 'metric_date'],
  },
  {
    fault: 'a rounded number',
    plant: `update ${value} set value = round(value) where id = ${first(value, 'value <> round(value)')}`,
    check: 'row comparison',
    names: ['metric_values', 'value'],
  },
  {
    fault: 'a lost sign',
    plant: `update ${value} set value = -value where id = ${first(value, 'value < 0')}`,
    check: 'row comparison',
    names: ['metric_values', 'value'],
  },
  {
    fault: 'a truncated text',
    plant: `update public.providers set full_name = left(full_name, -1) where id = ${first('public.providers')}`,
    check: 'row comparison',
    names: ['providers', 'full_name'],
  },
  {
    fault: 'upper case',
    plant: `update public.profiles set full_name = upper(full_name) where id = ${first('public.profiles', 'upper(full_name) <> full_name')}`,
    check: 'row comparison',
    names: ['profiles', 'full_name'],
  },
  {
    fault: 'another value of an enumeration',
    plant: `update ${value} set quality = 'corrected' where id = ${first(value, "quality = 'exact'")}`,
    check: 'row comparison',
    names: ['metric_values', 'quality'],
  },
  {
    fault: 'a number in a document became a text',
    plant: `update public.dashboards set layout = layout || '{"columns": "12"}'
      where id = ${first('public.dashboards')}`,
    check: 'row comparison',
    names: ['dashboards', 'layout'],
  },
  {
    fault: 'an entry of a document fell out',
    plant: `update public.column_mappings set config = jsonb_set(config, '{columns}', (config -> 'columns') - 0)
      where id = ${first('public.column_mappings', "jsonb_array_length(config -> 'columns') > 0")}`,
    check: 'row comparison',
    names: ['column_mappings', 'config'],
  },
  {
    fault: 'an array in another order',
    plant: `update public.google_credentials
      set scopes = array(select scope from unnest(scopes) with ordinality as s (scope, place) order by place desc)
      where id = ${first('public.google_credentials', 'cardinality(scopes) > 1')}`,
    check: 'row comparison',
    names: ['google_credentials', 'scopes'],
  },
]

/** Faults in whose row it is, and what it refers to. */
const references: readonly Mutation[] = [
  {
    fault: 'a row of the wrong tenant',
    plant: `update ${value} set clinic_id = ${first('public.clinics', `id <> (select clinic_id from ${value} where id = ${first(value, 'provider_id is null and sheet_id is null')})`)}
      where id = ${first(value, 'provider_id is null and sheet_id is null')}`,
    check: 'row comparison',
    names: ['metric_values', 'clinic_id'],
  },
  {
    fault: 'a reference to the wrong row',
    plant: `update ${value} as v
      set provider_id = (
        select p.id from public.providers as p where p.clinic_id = v.clinic_id and p.id <> v.provider_id order by p.id limit 1
      )
      where id = ${first(value, plain)}`,
    check: 'row comparison',
    names: ['metric_values', 'provider_id'],
  },
  {
    fault: 'a lost reference',
    plant: `update ${value} set provider_id = null where id = ${first(value, `${plain} and external_id is null`)}`,
    check: 'row comparison',
    names: ['metric_values', 'provider_id'],
  },
  {
    fault: 'a reference to a row that is gone',
    plant: `set session_replication_role = replica;
      delete from public.dashboards where id = (select dashboard_id from public.widgets order by id limit 1);
      set session_replication_role = origin`,
    check: 'references',
    names: ['widgets'],
  },
  {
    fault: 'a role raised',
    plant: `update public.user_clinic_roles set role = 'clinic_admin' where id = ${first('public.user_clinic_roles', "role = 'staff'")}`,
    check: 'row comparison',
    names: ['user_clinic_roles', 'role'],
  },
]

/** Faults in which rows there are. */
const rows: readonly Mutation[] = [
  {
    fault: 'a lost row',
    plant: `delete from ${value} where id = ${first(value)}`,
    check: 'row comparison',
    names: ['metric_values', /deleted since/],
  },
  {
    fault: 'a doubled row',
    plant: `
      insert into ${value} (id, clinic_id, provider_id, metric_definition_id, metric_date, observed_at, value, value_date,
        source, source_sheet, external_id, sheet_id, quality, created_at, updated_at)
      select '00000000-0000-4000-8000-000000000000', clinic_id, provider_id, metric_definition_id, metric_date, observed_at,
        value, value_date, source, source_sheet, external_id, sheet_id, quality, created_at, updated_at
      from ${value} where id = ${first(value, 'external_id is null')}`,
    check: 'target rows',
    names: ['metric_values', '00000000-0000-4000-8000-000000000000'],
  },
  {
    fault: 'a lost row of the crosswalk',
    plant: `delete from drover.crosswalk_goals
      where source_key = (select source_key from drover.crosswalk_goals where disposition = 'loaded' order by source_key limit 1)`,
    check: 'dispositions',
    names: ['goals'],
  },
  {
    fault: 'a lost row of the quarantine',
    plant: `delete from drover.quarantine
      where mapping = 'metric_values' and source_key = (
        select source_key from drover.quarantine where mapping = 'metric_values' order by source_key limit 1
      )`,
    check: 'quarantine',
    names: ['metric_values'],
  },
  {
    fault: 'a stored total that is out of date',
    plant: `update public.metric_aggregations set sum = sum + 1 where id = ${first('public.metric_aggregations')}`,
    check: 'row comparison',
    names: ['metric_aggregations', 'sum'],
  },
]

/** Faults in what guards the rows. */
const objects: readonly Mutation[] = [
  {
    fault: 'a dropped index',
    plant: 'drop index public.metric_values_series',
    check: 'indexes',
    names: ['metric_values', 'metric_values_series'],
  },
  {
    fault: 'a dropped unique index, and a row twice',
    plant: `drop index public.goals_identity_key;
      insert into public.goals (id, clinic_id, provider_id, metric_definition_id, name, period, starts_on, ends_on,
        target_value, direction, status, created_at, updated_at)
      select '00000000-0000-4000-8000-000000000000', clinic_id, provider_id, metric_definition_id, name, period, starts_on,
        ends_on, target_value, direction, status, created_at, updated_at
      from public.goals where id = ${first('public.goals', "status <> 'cancelled'")}`,
    check: 'uniqueness',
    names: ['goals_identity_key'],
  },
  {
    fault: 'a constraint that is not validated',
    plant: `alter table public.goals drop constraint goals_clinic_id_provider_id_fkey;
      alter table public.goals add constraint goals_clinic_id_provider_id_fkey
      foreign key (clinic_id, provider_id) references public.providers (clinic_id, id) on delete restrict not valid`,
    check: 'references',
    names: ['goals_clinic_id_provider_id_fkey', /not validated/],
  },
  {
    fault: 'a foreign key with another action',
    plant: `alter table public.widgets drop constraint widgets_dashboard_id_fkey;
      alter table public.widgets add constraint widgets_dashboard_id_fkey
      foreign key (dashboard_id) references public.dashboards on delete set null`,
    check: 'references',
    names: ['widgets_dashboard_id_fkey'],
  },
  {
    fault: 'a dropped check, and a row that breaks it',
    plant: `alter table public.goals drop constraint goals_check;
      update public.goals set ends_on = starts_on - 1 where id = ${first('public.goals')}`,
    check: 'check constraints',
    names: ['goals_check'],
  },
  {
    fault: 'foreign keys that do not fire',
    plant: 'alter table public.goals disable trigger all',
    check: 'triggers',
    names: ['goals'],
  },
  {
    fault: 'row-level security off',
    plant: 'alter table public.metric_values disable row level security',
    check: 'row security',
    names: ['metric_values'],
  },
  {
    fault: 'a policy that lets everybody read',
    plant: 'create policy everybody on public.goals for select to authenticated using (true)',
    check: 'row security',
    names: ['goals', 'everybody'],
  },
]

/** What is planted in the migrated target of the reference migration. */
export const dentalMutations: readonly Mutation[] = [...cells, ...references, ...rows, ...objects]
