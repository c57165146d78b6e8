import type { numeric, text, uuid } from 'drover'

export interface App {
  'public.clinics': { id: uuid; name: text; status: text }
  'public.values': { id: uuid; clinic_id: uuid; value: numeric | null }
}
