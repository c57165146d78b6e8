import { allTables, closedTables, guardedTables } from '../../checks/tenant-tables.ts'

/** Something wrong with a migrated database. */
export interface Fault {
  /** Statements, carried out as superuser. */
  readonly plant: string
  /** The rules that must fail, each with a place that its finding must name. */
  readonly fails: Readonly<Record<string, string>>
}

/** The first row of a table, in the order of its key, that a condition holds for. */
const first = (table: string, condition = 'true') => `(select id from ${table} where ${condition} order by id limit 1)`

const north = first('public.clinics')
const south = `(select id from public.clinics order by id offset 1 limit 1)`
const someone = first('public.user_clinic_roles', `clinic_id = ${north} and role <> 'clinic_admin'`)
const stranger = '00000000-0000-4000-8000-000000000000'

const everyTable = (statement: (table: string) => string) => guardedTables.map(({ table }) => statement(table)).join(';')

const each = <T>(items: readonly T[], entry: (item: T) => readonly [rule: string, place: string]) =>
  Object.fromEntries(items.map(entry))

/** A row for every tenant table that the migration leaves empty. */
const rowsInEmptyTables = `
  insert into public.clinic_invitations (id, clinic_id, email, role, token_hash, expires_at)
  select gen_random_uuid(), id, 'new@example.org', 'staff', convert_to(id::text, 'UTF8'), now() + interval '1 day'
  from public.clinics;
  insert into public.goal_templates (id, clinic_id, name, metric_definition_id, period)
  select gen_random_uuid(), id, 'template', ${first('public.metric_definitions')}, 'monthly' from public.clinics;
  insert into public.metric_definitions (id, clinic_id, code, name, data_type, category, rollup)
  select gen_random_uuid(), id, 'own', 'Own', 'integer', 'financial', 'sum' from public.clinics`

/** Faults of policies and grants. */
const holes: Readonly<Record<string, Fault>> = {
  'every table can be read by every user': {
    plant: `${rowsInEmptyTables};
      ${everyTable((table) => `create policy hole on ${table} for select to authenticated using (true)`)};
      create policy hole on public.clinics for select to authenticated using (true);
      create policy hole on public.profiles for select to authenticated using (true);
      create policy hole on public.dashboards for select to authenticated using (true)`,
    fails: {
      ...each(guardedTables, ({ name }) => [`Each user sees the rows of his clinics: ${name}`, stranger]),
      ...each(
        guardedTables.filter(({ isLarge }) => isLarge),
        ({ name }) => [`Each user sees rows of his clinics and of no other: ${name}`, stranger],
      ),
      'Each user sees his clinics': stranger,
      'Each user sees himself and the members of his clinics': stranger,
      'Each user sees his dashboards and those that his clinics share': stranger,
      'Each user sees the widgets of the dashboards that he sees': stranger,
      'A member of one clinic sees rows of no other, in any table': 'clinic_invitations',
      'A member of one clinic counts rows of no other, in any table': 'clinic_invitations',
      'A member of one clinic meets rows of no other in joins': 'seen, and not his',
      'Who has not signed in sees nothing, in any table': 'clinic_invitations',
    },
  },
  'a table that hides a row from its clinic': {
    plant: `create policy hole on public.goals as restrictive for select to authenticated using (id <> ${first('public.goals')})`,
    fails: { 'Each user sees the rows of his clinics: goals': 'his, and not seen' },
  },
  'shared definitions for whoever has signed up': {
    plant: `create policy hole on public.metric_definitions for select to authenticated using (clinic_id is null)`,
    fails: {
      'Each user sees the rows of his clinics: metric_definitions': stranger,
      'Who has not signed in sees nothing, in any table': 'metric_definitions',
    },
  },
  'a dashboard that its owner still sees who has left the clinic': {
    plant: `
      create policy hole on public.dashboards for select to authenticated using (owner_id = (select auth.uid()));
      update public.user_clinic_roles set is_active = false
      where user_id = (select owner_id from public.dashboards where clinic_id is not null order by id limit 1)`,
    fails: {
      'Each user sees his dashboards and those that his clinics share': 'seen, and not his',
      'Each user sees the widgets of the dashboards that he sees': 'seen, and not his',
    },
  },
  'every table can be written by every user': {
    plant: `${rowsInEmptyTables};
      ${everyTable((table) => `create policy hole on ${table} for all to authenticated using (true) with check (true)`)};
      create policy hole on public.clinics for all to authenticated using (true) with check (true);
      create policy hole on public.profiles for all to authenticated using (true) with check (true);
      create policy hole on public.dashboards for all to authenticated using (true) with check (true);
      create policy hole on public.widgets for all to authenticated using (true) with check (true)`,
    fails: {
      ...each(guardedTables, ({ name }) => [`Nobody adds rows to a clinic that he may not write in: ${name}`, stranger]),
      ...each(guardedTables, ({ name }) => [`Nobody changes rows where he may not write: ${name}`, stranger]),
      ...each(guardedTables, ({ name }) => [`Nobody but an administrator deletes rows: ${name}`, stranger]),
      ...each(
        guardedTables.filter(({ writes }) => writes !== null),
        ({ name }) => [`Nobody changes rows of another clinic: ${name}`, 'actor'],
      ),
      ...each(
        guardedTables.filter(({ writes }) => writes !== null),
        ({ name }) => [`Nobody deletes rows of another clinic: ${name}`, 'actor'],
      ),
      ...each(
        guardedTables.filter(({ writes, name }) => writes !== null && name !== 'clinic_invitations'),
        ({ name }) => [`Nobody moves rows to another clinic: ${name}`, 'not refused'],
      ),
      'Nobody adds a clinic': stranger,
      'Nobody changes another clinic': 'actor',
      'Nobody but an administrator changes his clinic': stranger,
      'Nobody deletes a clinic': stranger,
      'Nobody makes a profile': stranger,
      'Nobody makes a system admin, of himself or of others': stranger,
      'Nobody who is no administrator gives himself a role': stranger,
      'Nobody who is no administrator raises a role': stranger,
      'Nobody deletes a profile': stranger,
      'Nobody adds a dashboard to another clinic': 'actor',
      'Nobody adds a dashboard for somebody else': 'actor',
      'Nobody changes the dashboard of somebody else': 'actor',
      'Nobody deletes the dashboard of somebody else': 'actor',
      'Nobody adds a widget to the dashboard of somebody else': 'actor',
      'Nobody changes a widget on the dashboard of somebody else': 'actor',
      'Nobody deletes a widget from the dashboard of somebody else': 'actor',
      'A stranger changes no dashboard': stranger,
      'A stranger deletes no dashboard': stranger,
      'A stranger changes no widget': stranger,
      'A stranger deletes no widget': stranger,
    },
  },
  'values that a viewer can add, and goals that staff can': {
    plant: `
      alter policy tenant_insert on public.metric_values with check (clinic_id = any (array(select app_private.my_clinics())));
      alter policy tenant_insert on public.goals with check (clinic_id = any (array(select app_private.my_clinics('staff'))))`,
    fails: {
      'Nobody adds rows to a clinic that he may not write in: metric_values': 'not refused',
      'Nobody adds rows to a clinic that he may not write in: goals': 'not refused',
    },
  },
  'goals that a provider can delete': {
    plant: `alter policy tenant_delete on public.goals using (clinic_id = any (array(select app_private.my_clinics('provider'))))`,
    fails: { 'Nobody but an administrator deletes rows: goals': 'actor' },
  },
  'everything granted to everybody': {
    plant: `
      grant usage on schema auth to anon;
      grant select on all tables in schema public, auth to anon;
      grant select (id) on auth.users to authenticated;
      grant select on auth.identities, public.google_credentials to authenticated;
      grant truncate on public.goals to authenticated`,
    fails: {
      ...each(allTables, (table) => [`Who has not signed in is refused: ${table}`, 'anon']),
      ...each(closedTables, (table) => [`Users are refused: ${table}`, stranger]),
      'Who has not signed in has no right to any table': 'auth.identities',
      'No user has a right to credentials and accounts, or to empty a table': 'public.goals',
    },
  },
}

/** Faults of objects. */
const objects: Readonly<Record<string, Fault>> = {
  'row-level security off': {
    plant: 'alter table public.widgets disable row level security',
    fails: {
      'Every table of the application is under row-level security': 'public.widgets',
      'Each user sees the widgets of the dashboards that he sees': stranger,
      'Who has not signed in sees nothing, in any table': 'widgets',
    },
  },
  'a view with the rights of its owner': {
    plant: `
      create view public.finances as select * from public.metric_values;
      grant select on public.finances to authenticated`,
    fails: { 'Nothing that users read goes past row-level security': 'public.finances' },
  },
  'a foreign key that was never validated': {
    plant: `
      alter table public.goals drop constraint goals_clinic_id_fkey;
      alter table public.goals add constraint goals_clinic_id_fkey foreign key (clinic_id) references public.clinics not valid`,
    fails: { 'Every foreign key and check is validated': 'public.goals goals_clinic_id_fkey' },
  },
  'a check that was never validated': {
    plant: `alter table public.goals add constraint sensible check (target_value < 1e12) not valid`,
    fails: { 'Every foreign key and check is validated': 'public.goals sensible' },
  },
  'an index that is not valid': {
    plant: `update pg_index set indisvalid = false where indexrelid = 'public.goals_open'::regclass`,
    fails: { 'Every index is valid': 'public.goals_open' },
  },
}

/** Faults of people and of what belongs to whom. */
const rows: Readonly<Record<string, Fault>> = {
  'a role in another clinic': {
    plant: `update public.user_clinic_roles set clinic_id = ${south} where id = ${someone}`,
    fails: {
      'Each active user has the roles that his legacy rows gave him, in their clinics and in no other': 'clinic_id',
      'Each user may work in the active clinics of his legacy rows, with his role there, and in no other':
        'seen, and not his',
      'Each clinic has as many people of each role': 'clinic_id',
    },
  },
  'a role that was raised': {
    plant: `update public.user_clinic_roles set role = 'clinic_admin' where id = ${someone}`,
    fails: {
      'Each active user has the roles that his legacy rows gave him, in their clinics and in no other': 'role',
      'Each user may work in the active clinics of his legacy rows, with his role there, and in no other':
        'clinic_admin',
      'Each clinic has as many people of each role': 'clinic_admin',
    },
  },
  'a system admin who is none': {
    plant: `update public.profiles set is_system_admin = true where id = (select user_id from public.user_clinic_roles where id = ${someone})`,
    fails: {
      'The same people can sign in': 'user_id',
      'Each user may work in the active clinics of his legacy rows, with his role there, and in no other':
        'system_admin',
    },
  },
  'a user who cannot sign in': {
    plant: `update auth.users set aud = 'anonymous' where id = (select user_id from public.user_clinic_roles where id = ${someone})`,
    fails: { 'The same people can sign in': 'user_id' },
  },
  'no administrator': {
    plant: `update public.user_clinic_roles set is_active = false where clinic_id = ${north} and role = 'clinic_admin'`,
    fails: {
      'Each active clinic has an active administrator': 'id',
      'Each active user who is no system admin has an active role': 'id',
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
    fails: { 'No two profiles have the same address': 'other_id', 'No two accounts have the same address': 'other_id' },
  },
  'no account': {
    plant: `
      alter table public.profiles drop constraint profiles_id_fkey;
      delete from auth.users where id = ${first('public.profiles')}`,
    fails: { 'Each profile has an account and an identity, and all three agree': 'no account' },
  },
  'no identity': {
    plant: `delete from auth.identities where user_id = ${first('public.profiles')}`,
    fails: {
      'Each profile has an account and an identity, and all three agree': 'no identity',
    },
  },
  'an identity of somebody else': {
    plant: `update auth.identities set identity_data = jsonb_set(identity_data, '{sub}', '"${stranger}"')
      where user_id = ${first('public.profiles')}`,
    fails: { 'Each profile has an account and an identity, and all three agree': 'an identity of somebody else' },
  },
  'an identity of another address': {
    plant: `update auth.identities set identity_data = jsonb_set(identity_data, '{email}', '"x@example.org"')
      where user_id = ${first('public.profiles')}`,
    fails: { 'Each profile has an account and an identity, and all three agree': 'an identity of another address' },
  },
  'an account of another address': {
    plant: `update auth.users set email = 'x@example.org' where id = ${first('public.profiles')}`,
    fails: { 'Each profile has an account and an identity, and all three agree': 'another address' },
  },
  'an account without an audience': {
    plant: `update auth.users set aud = null where id = ${first('auth.users')}`,
    fails: { 'No account lacks what the service reads': 'id' },
  },
  'an account without a token': {
    plant: `update auth.users set email_change = null where id = ${first('auth.users')}`,
    fails: { 'No account lacks what the service reads': 'id' },
  },
  'a value of another clinic than its provider': {
    plant: `
      alter table public.metric_values drop constraint metric_values_clinic_id_provider_id_fkey;
      update public.metric_values set clinic_id = ${south}
      where id = ${first('public.metric_values', `clinic_id = ${north} and provider_id is not null`)}`,
    fails: { 'Whatever a row names belongs to its clinic': 'public.metric_values' },
  },
  'a goal by the definition of another clinic': {
    plant: `
      update public.metric_definitions set clinic_id = ${south}
      where id = (select metric_definition_id from public.goals where clinic_id = ${north} order by id limit 1)`,
    fails: { 'Whatever a row names belongs to its clinic': 'public.goals' },
  },
  'a value that is no number': {
    plant: `
      alter table public.metric_values drop constraint metric_values_value_check;
      update public.metric_values set value = 'NaN' where id = ${first('public.metric_values', 'value is not null')}`,
    fails: { 'Each value has a clinic, and is one number or one date': 'id' },
  },
  'a value without a clinic': {
    plant: `
      alter table public.metric_values alter clinic_id drop not null;
      update public.metric_values set clinic_id = null where id = ${first('public.metric_values')}`,
    fails: { 'Each value has a clinic, and is one number or one date': 'id' },
  },
  'a value that is two things': {
    plant: `
      alter table public.metric_values drop constraint metric_values_check;
      update public.metric_values set value_date = '2025-01-01' where id = ${first('public.metric_values', 'value is not null')}`,
    fails: { 'Each value has a clinic, and is one number or one date': 'id' },
  },
}

export const faults: Readonly<Record<string, Fault>> = { ...holes, ...objects, ...rows }
