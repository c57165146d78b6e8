// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.readings': {
    id: int4
    meter: text
    taken: date
    value: text
    note: text | null
    changed: timestamp
  }
  'legacy.remarks': {
    id: int4
    reading_id: int4 | null
  }
}
