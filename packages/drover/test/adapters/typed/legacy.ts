import type { Generated, int4, numeric, text, timestamp, timestamptz, uuid } from 'drover'

/** The source of mappings into adapted tables. */
export interface Legacy {
  'legacy.clinics': { id: text; name: text; place: text; status: text; zone: text; opened: timestamp }
  'legacy.kinds': {
    id: uuid
    number: int4
    amount: numeric
    label: text
    note: text | null
    at: timestamptz
  }
}

/** The target of mappings from adapted tables. */
export interface App {
  'app.clinics': { id: uuid; name: text; status: 'active' | 'inactive'; at: Generated<timestamptz> }
}
