import type { date, int8, numeric, text } from 'drover'

export interface Legacy {
  'legacy.clinics': { id: text; name: text }
  'legacy.payments': { id: text; clinic_id: text; paid_on: date; amount: numeric; amount_cents: int8; is_refund: boolean }
}
