import type { LegacyTable } from './scale.ts'
import { work } from './sql-text.ts'

/** What becomes of a mapping's source rows: a query for its exceptions, as rows (id, kind, detail). */
export interface OutcomeQuery {
  readonly source: LegacyTable
  readonly exceptions: string
}

const none = `select null as id, null as kind, null as detail where false`

const clinicMerges = `
  select clinic.id, 'merged' as kind, survivor.id as detail
  from ${work}.clinics as clinic
  join ${work}.clinics as survivor on survivor.number = clinic.survivor
  where clinic.number <> survivor.number`

/** Users without a usable address are quarantined; the accounts of one person become the best one. */
const accounts = `accounts as (
    select
      account.*,
      legacy_user.role as role_text,
      case account.defect when 'blank-email' then 'no-email' when 'invalid-email' then 'invalid-email' end as refused,
      first_value(account.id) over (
        partition by account.person
        order by legacy_user.last_login desc nulls last, legacy_user.created_at, account.id collate "C"
      ) as survivor,
      bool_or(account.is_matched) over (partition by account.person) as person_is_matched,
      clinic.survivor as merged_clinic
    from ${work}.users as account
    join legacy.users as legacy_user on legacy_user.id = account.id
    join ${work}.clinics as clinic on clinic.number = account.clinic
  )`

const accountMerges = `
  select id, 'merged' as kind, survivor as detail from accounts where refused is null and id <> survivor`

const accountMatches = `
  select id, 'matched', null from accounts where refused is null and id = survivor and person_is_matched`

const waiting = `
  select id, 'quarantined', 'waiting' from accounts where refused is not null`

/** Sources of one spreadsheet in one clinic are one connection, named and dated by the newest. */
const connectionMerges = `
  select id, 'merged' as kind, survivor as detail
  from (
    select
      source.id,
      first_value(source.id) over (
        partition by clinic.survivor, btrim(legacy_source.spreadsheet_id)
        order by legacy_source.created_at desc, source.id collate "C"
      ) as survivor
    from ${work}.sources as source
    join ${work}.clinics as clinic on clinic.number = source.clinic
    join legacy.data_sources as legacy_source on legacy_source.id = source.id
  ) as ranked
  where id <> survivor`

/** The sources of one Google account in one clinic share a credential; the token that lasts longest is kept. */
const credentialMerges = `
  select id, 'merged' as kind, survivor as detail
  from (
    select
      source.id,
      first_value(source.id) over (
        partition by clinic.survivor, coalesce(legacy_source.refresh_token, legacy_source.access_token)
        order by legacy_source.expiry_date desc, source.id collate "C"
      ) as survivor
    from ${work}.sources as source
    join ${work}.clinics as clinic on clinic.number = source.clinic
    join legacy.data_sources as legacy_source on legacy_source.id = source.id
    where legacy_source.access_token <> ''
  ) as ranked
  where id <> survivor`

/** The mappings of a sheet become one configuration, kept under the first of them. */
const columnMappingMerges = `
  select id, 'merged' as kind, first as detail
  from (
    select
      id,
      turn,
      first_value(id) over (partition by source order by turn) as first
    from ${work}.column_mappings
  ) as ranked
  where turn > 1`

/**
 * Of the rows with one natural key the one updated last is kept, then the lowest id. The key's parts are equal by
 * construction: a duplicate repeats its original but for the id and, where it conflicts, the value.
 */
const valueMerges = `
  select id, 'merged' as kind, survivor as detail
  from (
    select
      special.id,
      first_value(special.id) over (
        partition by coalesce(special.original, special.number)
        order by value.updated_at desc, special.id collate "C"
      ) as survivor
    from ${work}.value_plan as special
    join legacy.metric_values as value on value.id = special.id
    where special.outcome = 'merged'
  ) as ranked
  where id <> survivor`

const plannedValues = `
  select id, split_part(outcome, ' ', 1), split_part(outcome, ' ', 2)
  from ${work}.value_plan
  where outcome not in ('loaded', 'merged')`

/** By mapping. The sources of goals, dashboards and widgets carry their defects in their own tables. */
export const outcomeQueries: Readonly<Record<string, OutcomeQuery>> = {
  clinics: { source: 'clinics', exceptions: clinicMerges },
  locations: { source: 'clinics', exceptions: clinicMerges },
  auth_users: {
    source: 'users',
    exceptions: `with ${accounts}
      ${accountMerges}
      union all ${accountMatches}
      union all select id, 'quarantined', refused from accounts where refused is not null`,
  },
  auth_identities: {
    source: 'users',
    exceptions: `with ${accounts}
      ${accountMerges}
      union all ${accountMatches}
      union all ${waiting}`,
  },
  profiles: {
    source: 'users',
    exceptions: `with ${accounts}
      ${accountMerges}
      union all ${waiting}
      union all select id, 'corrected', 'orphan-clinic' from accounts where defect = 'orphan-clinic'`,
  },
  user_clinic_roles: {
    source: 'users',
    // A person has one role in a clinic, the highest; in another clinic he has another one.
    exceptions: `with ${accounts},
      holders as (
        select
          accounts.*,
          first_value(id) over (
            partition by person, merged_clinic
            order by array_position(array['clinic_admin', 'provider', 'staff', 'viewer'], means), id collate "C"
          ) as holder
        from accounts
        where refused is null and defect is distinct from 'system-admin' and defect is distinct from 'orphan-clinic'
      )
      select id, 'merged' as kind, holder as detail from holders where id <> holder
      union all ${waiting}
      union all select id, 'excluded', null from accounts where defect in ('system-admin', 'orphan-clinic')
      union all select id, 'corrected', 'unknown-role' from holders where id = holder and defect = 'unknown-role'
      union all
      select id, 'corrected', 'alias'
      from holders
      where id = holder
        and defect is distinct from 'unknown-role'
        and lower(btrim(role_text)) <> means`,
  },
  providers: { source: 'providers', exceptions: none },
  provider_locations: { source: 'providers', exceptions: none },
  metric_definitions: { source: 'metric_definitions', exceptions: none },
  google_credentials: {
    source: 'data_sources',
    exceptions: `${credentialMerges}
      union all select id, 'excluded', null from ${work}.sources where defect = 'empty-token'`,
  },
  spreadsheet_connections: { source: 'data_sources', exceptions: connectionMerges },
  connection_sheets: { source: 'data_sources', exceptions: none },
  column_mappings: { source: 'column_mappings', exceptions: columnMappingMerges },
  metric_values: { source: 'metric_values', exceptions: `${valueMerges} union all ${plannedValues}` },
  goals: {
    source: 'goals',
    exceptions: `
      select id, split_part(outcome, ' ', 1) as kind, split_part(outcome, ' ', 2) as detail
      from ${work}.goals
      join (values
        ('reversed', 'corrected reversed-range'),
        ('unscoped', 'quarantined no-clinic'),
        ('unparsable', 'quarantined not-a-number'),
        ('annual', 'corrected alias'),
        ('provider-only', 'corrected derived-clinic')
      ) as outcomes (defect, outcome) using (defect)`,
  },
  dashboards: {
    source: 'dashboards',
    // Of two defaults the newer stays; the other is kept as an ordinary dashboard.
    exceptions: `
      select id, 'quarantined' as kind, 'orphan-user' as detail from ${work}.dashboards where defect = 'orphan'
      union all
      select
        case when second.created_at > first.created_at then first.id else second.id end,
        'corrected',
        'second-default'
      from ${work}.dashboards as plan
      join legacy.dashboards as second on second.id = plan.id
      join legacy.dashboards as first on first.user_id = second.user_id and first.is_default and first.id <> second.id
      where plan.defect = 'second-default'`,
  },
  widgets: {
    source: 'widgets',
    exceptions: `select id, 'quarantined' as kind, 'waiting' as detail from ${work}.widgets where is_of_orphan`,
  },
}

/**
 * Stand-ins for providers of another clinic, one per (clinic after the merge, name, type): the provider's twin in the
 * value's clinic (matched) or a clone of him (loaded). Its source is a query, its keys are not legacy ids.
 */
export const standInCounts = `
  select
    count(*)::int as source,
    (count(*) filter (where kind = 'V17'))::int as matched
  from (
    select distinct special.kind, clinic.survivor, lower(provider.plain_name), provider.type
    from ${work}.value_plan as special
    join ${work}.clinics as clinic on clinic.number = special.clinic
    join ${work}.providers as provider on provider.id = special.foreign_provider
  ) as stand_ins`

/** Injected rows of every table but metric_values, as rows (code, id). */
export const tableDefectRows = ['clinics', 'users', 'providers', 'data_sources', 'goals', 'dashboards']
  .map((table) => {
    const plan = table === 'data_sources' ? 'sources' : table
    return `select '${table}/' || defect as code, id from ${work}.${plan} where defect is not null`
  })
  .concat(`select 'users/auth-match', id from ${work}.users where is_matched`)
  .join('\n  union all\n  ')

/** Injected metric values, as rows (code, outcome, id). */
export const valueDefectRows = `select code, outcome, id from ${work}.value_plan where code is not null`
