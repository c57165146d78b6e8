import type { date, numeric, text, uuid } from 'drover'

export interface App {
  'public.clinics': { id: uuid; name: text }
  'public.goals': { id: uuid; clinic_id: uuid; starts_on: date; ends_on: date }
  'public.payments': { id: uuid; clinic_id: uuid; paid_on: date; amount: numeric }
  'public.profiles': { id: uuid }
  'public.user_clinic_roles': { user_id: uuid; clinic_id: uuid }
}
