import type { numeric, text, timestamp, timestamptz, uuid } from 'drover'

/** Schema `legacy`, as legacy.ts makes it. */
export interface Legacy {
  'legacy.clinics': { id: text; name: text }
  'legacy.providers': { id: text; name: text; clinic_id: text }
  'legacy.metric_definitions': { id: text; name: text }
  'legacy.data_sources': { id: text; name: text }
  'legacy.metric_values': {
    id: text
    date: timestamp
    value: text
    metric_definition_id: text
    provider_id: text
    clinic_id: text | null
    data_source_id: text
    external_id: text
    source_type: text
    created_at: timestamp
    updated_at: timestamp
  }
}

/** Schema `app`, as target.ts makes it. */
export interface App {
  'app.clinics': { id: uuid; name: text }
  'app.providers': { id: uuid; name: text; clinic_id: uuid }
  'app.metric_definitions': { id: uuid; name: text }
  'app.data_sources': { id: uuid; name: text }
  'app.metric_values': {
    id: uuid
    date: timestamptz
    value: numeric
    metric_definition_id: uuid
    provider_id: uuid
    clinic_id: uuid
    data_source_id: uuid
    external_id: text
    source_type: text
    created_at: timestamptz
    updated_at: timestamptz
  }
}
