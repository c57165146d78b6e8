import { type Faults, first, north, south, stranger } from './fault.ts'

/** A role, and whose it is. */
const someone = first('public.user_clinic_roles', `clinic_id = ${north} and role <> 'clinic_admin'`)

const hisId = `(select user_id from public.user_clinic_roles where id = ${someone})`

const profile = first('public.profiles')

const account = first('auth.users')

const number = first('public.metric_values', 'value is not null')

const northernValue = first('public.metric_values', `clinic_id = ${north} and provider_id is not null`)

/** Faults of people and of what belongs to whom. */
export const wrongRows: Faults = {
  'a role in another clinic': {
    plant: `update public.user_clinic_roles set clinic_id = ${south} where id = ${someone}`,
    fails: {
      'Each active user has the roles that his legacy rows gave him, in their clinics and in no other': { of: hisId },
      'Each user may work in the active clinics of his legacy rows, with his role there, and in no other':
        'his, and not seen',
      'Each clinic has as many people of each role': { of: north },
    },
  },
  'a role that was raised': {
    plant: `update public.user_clinic_roles set role = 'clinic_admin' where id = ${someone}`,
    fails: {
      'Each active user has the roles that his legacy rows gave him, in their clinics and in no other': { of: hisId },
      'Each user may work in the active clinics of his legacy rows, with his role there, and in no other':
        'clinic_admin',
      'Each clinic has as many people of each role': { of: north },
    },
  },
  'a system admin who is none': {
    plant: `update public.profiles set is_system_admin = true where id = (select user_id from public.user_clinic_roles where id = ${someone})`,
    fails: {
      'The same people can sign in': { of: hisId },
      'Each user may work in the active clinics of his legacy rows, with his role there, and in no other':
        'system_admin',
    },
  },
  'a user who cannot sign in': {
    plant: `update auth.users set aud = 'anonymous' where id = (select user_id from public.user_clinic_roles where id = ${someone})`,
    fails: { 'The same people can sign in': { of: hisId } },
  },
  'no administrator': {
    plant: `update public.user_clinic_roles set is_active = false where clinic_id = ${north} and role = 'clinic_admin'`,
    fails: {
      'Each active clinic has an active administrator': { of: north },
      'Each active user who is no system admin has an active role': {
        of: `(select min(user_id::text) from public.user_clinic_roles where clinic_id = ${north} and role = 'clinic_admin')`,
      },
    },
  },
  'two people of one address': {
    plant: `
      drop index public.profiles_email_key;
      alter table public.profiles drop constraint profiles_email_check;
      update public.profiles set email = upper((select email from public.profiles order by id limit 1))
      where id = (select id from public.profiles order by id offset 1 limit 1);
      update auth.users set email = upper((select email from auth.users order by id limit 1))
      where id = (select id from auth.users order by id offset 1 limit 1)`,
    fails: {
      'No two profiles have the same address': { of: profile },
      'No two accounts have the same address': { of: account },
    },
  },
  'no account': {
    plant: `
      alter table public.profiles drop constraint profiles_id_fkey;
      delete from auth.users where id = ${profile}`,
    fails: { 'Each profile has an account and an identity, and all three agree': 'no account' },
  },
  'no identity': {
    plant: `delete from auth.identities where user_id = ${profile}`,
    fails: {
      'Each profile has an account and an identity, and all three agree': 'no identity',
    },
  },
  'an identity of somebody else': {
    plant: `update auth.identities set identity_data = jsonb_set(identity_data, '{sub}', '"${stranger}"')
      where user_id = ${profile}`,
    fails: { 'Each profile has an account and an identity, and all three agree': 'an identity of somebody else' },
  },
  'an identity of another address': {
    plant: `update auth.identities set identity_data = jsonb_set(identity_data, '{email}', '"x@example.org"')
      where user_id = ${profile}`,
    fails: { 'Each profile has an account and an identity, and all three agree': 'an identity of another address' },
  },
  'an account of another address': {
    plant: `update auth.users set email = 'x@example.org' where id = ${profile}`,
    fails: { 'Each profile has an account and an identity, and all three agree': 'another address' },
  },
  'an account without an audience': {
    plant: `update auth.users set aud = null where id = ${account}`,
    fails: { 'No account lacks what the service reads': { of: account } },
  },
  'an account without a token': {
    plant: `update auth.users set email_change = null where id = ${account}`,
    fails: { 'No account lacks what the service reads': { of: account } },
  },
  'a value of another clinic than its provider': {
    plant: `
      alter table public.metric_values
        drop constraint metric_values_clinic_id_provider_id_fkey, drop constraint metric_values_clinic_id_sheet_id_fkey;
      update public.metric_values set clinic_id = ${south}
      where id = ${northernValue}`,
    fails: { 'Whatever a row names belongs to its clinic': { of: northernValue } },
  },
  'a goal by the definition of another clinic': {
    plant: `
      update public.metric_definitions set clinic_id = ${south}
      where id = (select metric_definition_id from public.goals where clinic_id = ${north} order by id limit 1)`,
    fails: {
      'Whatever a row names belongs to its clinic': 'public.goals',
    },
  },
  'a value that is no number': {
    plant: `
      alter table public.metric_values drop constraint metric_values_value_check;
      update public.metric_values set value = 'NaN' where id = ${number}`,
    fails: { 'Each value has a clinic, and is one number or one date': { of: number } },
  },
  'a value without a clinic': {
    plant: `
      alter table public.metric_values alter clinic_id drop not null;
      update public.metric_values set clinic_id = null where id = ${first('public.metric_values')}`,
    fails: { 'Each value has a clinic, and is one number or one date': { of: first('public.metric_values') } },
  },
  'a value that is two things': {
    plant: `
      alter table public.metric_values drop constraint metric_values_check;
      update public.metric_values set value_date = '2025-01-01' where id = ${number}`,
    fails: { 'Each value has a clinic, and is one number or one date': { of: number } },
  },
}
