import { type Kind, testAlone } from './kind.ts'

/** A user without a usable address has no account, and what needs it waits. */
const refusedUser = (code: string): Kind => ({
  planted: 1,
  finds: {
    'auth_users quarantined': 1,
    [`auth_users quarantine email ${code}`]: 1,
    'auth_identities quarantined': 1,
    'auth_identities quarantine user_id waiting': 1,
    'profiles quarantined': 1,
    'profiles quarantine id waiting': 1,
    'user_clinic_roles quarantined': 1,
    'user_clinic_roles quarantine user_id waiting': 1,
  },
})

testAlone({
  nothing: { planted: 0, finds: {} },
  // The clinic has two administrators now: nobody can tell whose its goals are.
  'clinics/duplicate': {
    planted: 1,
    finds: { 'clinics merged': 1, 'locations merged': 1, 'goals note owner_id no-owner': 12 },
  },
  // Two of them work elsewhere too and keep their roles; one brings the password that his other row lacks.
  'users/case-duplicate': {
    planted: 4,
    finds: {
      'auth_users merged': 4,
      'auth_users correct encrypted_password filled': 1,
      'auth_identities merged': 4,
      'profiles merged': 4,
      'user_clinic_roles merged': 2,
    },
  },
  'users/padded-email': {
    planted: 2,
    finds: {},
    unlogged: `
      select u.id
      from legacy.users as u
      left join drover.crosswalk_profiles as w on w.source_key = u.id and w.disposition = 'loaded'
      left join public.profiles as p on p.id = w.id
      where u.id = any ($1) and (u.email = btrim(u.email) or p.email is distinct from lower(btrim(u.email)))`,
  },
  'users/invalid-email': refusedUser('invalid-email'),
  'users/blank-email': refusedUser('no-email'),
  'users/odd-role': {
    planted: 4,
    finds: { 'user_clinic_roles correct role alias': 4, 'goals note owner_id no-owner': 8 },
  },
  'users/unknown-role': { planted: 2, finds: { 'user_clinic_roles correct role unknown-role': 2 } },
  'users/system-admin': {
    planted: 1,
    finds: { 'profiles correct default_clinic_id system-admin': 1, 'user_clinic_roles excluded': 1 },
  },
  'users/orphan-clinic': {
    planted: 1,
    finds: { 'profiles correct default_clinic_id orphan-clinic': 1, 'user_clinic_roles excluded': 1 },
  },
  'users/auth-match': { planted: 6, finds: { 'auth_users matched': 6, 'auth_identities matched': 6 } },
  'providers/twin': {
    planted: 3,
    finds: {},
    unlogged: `
      select p.id
      from legacy.providers as p
      left join drover.crosswalk_providers as w on w.source_key = p.id and w.disposition = 'loaded'
      left join drover.crosswalk_clinics as c on c.source_key = p.clinic_id
      left join public.providers as t on t.id = w.id
      where p.id = any ($1) and (t.full_name is distinct from p.name or t.clinic_id is distinct from c.id)`,
  },
  'data_sources/empty-token': {
    planted: 2,
    finds: { 'google_credentials excluded': 2, 'spreadsheet_connections correct status no-token': 2 },
  },
  'data_sources/expired': { planted: 3, finds: { 'spreadsheet_connections correct status needs-reauth': 3 } },
  // Both who share it are told.
  'data_sources/shared': { planted: 1, finds: { 'spreadsheet_connections note spreadsheet_id shared-spreadsheet': 2 } },
  'data_sources/extra-sheet': {
    planted: 2,
    finds: { 'google_credentials merged': 2, 'spreadsheet_connections merged': 2 },
  },
  'goals/reversed': {
    planted: 10,
    finds: { 'goals correct starts_on reversed-range': 10, 'goals correct ends_on reversed-range': 10 },
  },
  'goals/unscoped': { planted: 6, finds: { 'goals quarantined': 6, 'goals quarantine clinic_id no-clinic': 6 } },
  'goals/unparsable': {
    planted: 5,
    finds: { 'goals quarantined': 5, 'goals quarantine target_value not-a-number': 5 },
  },
  'goals/annual': { planted: 8, finds: { 'goals correct period alias': 8 } },
  'goals/provider-only': { planted: 4, finds: { 'goals correct clinic_id derived-clinic': 4 } },
  'dashboards/second-default': { planted: 3, finds: { 'dashboards correct is_default second-default': 3 } },
  'dashboards/orphan': {
    planted: 1,
    finds: {
      'dashboards quarantined': 1,
      'dashboards quarantine owner_id orphan-user': 1,
      'widgets quarantined': 4,
      'widgets quarantine dashboard_id waiting': 4,
    },
  },
})
