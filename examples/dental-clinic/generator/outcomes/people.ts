import { work } from '../sql-text.ts'
import { noExceptions, type OutcomeQuery } from './query.ts'

const clinicMerges = `
  select clinic.id, 'merged' as kind, survivor.id as detail
  from ${work}.clinics as clinic
  join ${work}.clinics as survivor on survivor.number = clinic.survivor
  where clinic.number <> survivor.number`

const clinicDefaults = `
  select clinic.id, 'corrected', code
  from ${work}.clinics as clinic
  left join migration_input.clinic as settings on settings.legacy_id = clinic.id
  cross join lateral (
    values ('default-timezone', settings.timezone), ('default-currency', settings.currency)
  ) as setting (code, given)
  where clinic.number = clinic.survivor and given is null`

/** Users without a usable address are quarantined; the accounts of one person become the best one. */
export const accounts = `accounts as (
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

/** A person has one role in a clinic, the highest; in another clinic he has another one. Needs {@link accounts}. */
export const holders = `holders as (
    select
      accounts.*,
      first_value(id) over (
        partition by person, merged_clinic
        order by array_position(array['clinic_admin', 'provider', 'staff', 'viewer'], means), id collate "C"
      ) as holder
    from accounts
    where refused is null and defect is distinct from 'system-admin' and defect is distinct from 'orphan-clinic'
  )`

export const peopleOutcomes: Readonly<Record<string, OutcomeQuery>> = {
  clinics: { source: 'clinics', exceptions: `${clinicMerges} union all ${clinicDefaults}` },
  locations: { source: 'clinics', exceptions: clinicMerges },
  auth_users: {
    source: 'users',
    exceptions: `with ${accounts}
      ${accountMerges}
      union all ${accountMatches}
      union all select id, 'quarantined', refused from accounts where refused is not null
      union all select user_id, 'corrected', 'filled' from ${work}.passwords where is_duplicate`,
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
      union all select id, 'corrected', defect from accounts where defect in ('orphan-clinic', 'system-admin')`,
  },
  user_clinic_roles: {
    source: 'users',
    exceptions: `with ${accounts}, ${holders}
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
  providers: { source: 'providers', exceptions: noExceptions },
  provider_locations: { source: 'providers', exceptions: noExceptions },
}
