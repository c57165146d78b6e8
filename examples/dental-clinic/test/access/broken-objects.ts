import { type Faults, stranger } from './fault.ts'

/** Faults of objects. */
export const brokenObjects: Faults = {
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
