import type { text, timestamptz } from 'drover'

export interface Legacy {
  'legacy.clinics': { id: text; name: text; location: text; status: text; created_at: timestamptz }
  'legacy.providers': { id: text; clinic_id: text | null }
  'legacy.values': { id: text; provider_id: text | null; clinic_id: text | null; value: text }
}
