import type { date, Generated, GeneratedAlways, int4, numeric, text, timestamp, timestamptz, uuid } from 'drover'

export interface Legacy {
  'legacy.clinics': { id: text; name: text | null; status: text; created_at: timestamp }
  'legacy.visits': { id: text; clinic_id: text | null; provider_id: text; amount: text; number: int4 }
  'legacy.providers': { id: text; name: text; clinic_id: text }
  'legacy.stays': { id: text; began: timestamp; ended: timestamp | null; day: date; pin: text }
}

export interface App {
  'public.clinics': { id: uuid; name: text; status: 'active' | 'inactive'; created_at: Generated<timestamptz> }
  'public.visits': {
    id: uuid
    clinic_id: uuid
    amount: numeric
    note: text | null
    search: GeneratedAlways<text>
    provider: text | null
  }
  'public.stays': { id: uuid; began: timestamp; ended: timestamp | null; pin: text }
  'public.counters': { number: int4; label: text }
}
