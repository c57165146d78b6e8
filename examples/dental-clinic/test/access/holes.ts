import { allTables, closedTables, guardedTables } from '../../checks/tenant-tables.ts'
import { type Faults, first, stranger } from './fault.ts'

const everyTable = (statement: (table: string) => string) =>
  guardedTables.map(({ table }) => statement(table)).join(';')

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
export const holes: Faults = {
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
  'a table that hides rows from their clinic': {
    plant: `create policy hole on public.goals as restrictive for select to authenticated using (status <> 'completed')`,
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
    // With fewer rows, because they are written.
    plant: `${rowsInEmptyTables};
      delete from public.metric_aggregations where granularity <> 'yearly';
      delete from public.metric_values where metric_date < '2025-05-01';
      ${everyTable((table) => `create policy hole on ${table} for all to authenticated using (true) with check (true)`)};
      create policy hole on public.clinics for all to authenticated using (true) with check (true);
      create policy hole on public.profiles for all to authenticated using (true) with check (true);
      create policy hole on public.dashboards for all to authenticated using (true) with check (true);
      create policy hole on public.widgets for all to authenticated using (true) with check (true)`,
    fails: {
      ...each(guardedTables, ({ name }) => [
        `Nobody adds rows to a clinic that he may not write in: ${name}`,
        stranger,
      ]),
      ...each(guardedTables, ({ name }) => [`Nobody changes rows where he may not write: ${name}`, stranger]),
      ...each(guardedTables, ({ name }) => [`Nobody but an administrator deletes rows: ${name}`, stranger]),
      ...each(
        guardedTables.filter(({ writes }) => writes !== null),
        ({ name }) => [`Nobody changes rows of another clinic: ${name}`, 'Tried as the role authenticated'],
      ),
      ...each(
        guardedTables.filter(({ writes }) => writes !== null),
        ({ name }) => [`Nobody deletes rows of another clinic: ${name}`, 'Tried as the role authenticated'],
      ),
      ...each(
        guardedTables.filter(({ writes, name }) => writes !== null && name !== 'clinic_invitations'),
        ({ name }) => [`Nobody moves rows to another clinic: ${name}`, 'Tried as the role authenticated'],
      ),
      'Nobody adds a clinic': stranger,
      'Nobody changes another clinic': 'Tried as the role authenticated',
      'Nobody but an administrator changes his clinic': stranger,
      'Nobody deletes a clinic': stranger,
      'Nobody makes a profile': stranger,
      'Nobody makes a system admin, of himself or of others': stranger,
      'Nobody who is no administrator gives himself a role': stranger,
      'Nobody who is no administrator raises a role': stranger,
      'Nobody deletes a profile': stranger,
      'Nobody adds a dashboard to another clinic': 'Tried as the role authenticated',
      'Nobody adds a dashboard for somebody else': 'Tried as the role authenticated',
      'Nobody changes the dashboard of somebody else': 'Tried as the role authenticated',
      'Nobody deletes the dashboard of somebody else': 'Tried as the role authenticated',
      'Nobody adds a widget to the dashboard of somebody else': 'Tried as the role authenticated',
      'Nobody changes a widget on the dashboard of somebody else': 'Tried as the role authenticated',
      'Nobody deletes a widget from the dashboard of somebody else': 'Tried as the role authenticated',
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
      // Nothing but a missing value is in their way.
      'Nobody adds rows to a clinic that he may not write in: metric_values': '23502',
      'Nobody adds rows to a clinic that he may not write in: goals': '23502',
    },
  },
  'goals that a provider can delete': {
    plant: `alter policy tenant_delete on public.goals using (clinic_id = any (array(select app_private.my_clinics('provider'))))`,
    fails: { 'Nobody but an administrator deletes rows: goals': 'Tried as the role authenticated' },
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
