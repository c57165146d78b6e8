// Written by `drover types`. Do not edit.
import type {
  date,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: text
    name: text
    city: text | null
    created_at: timestamp
  }
  'legacy.visits': {
    clinic: text
    day: date
    note: text
  }
}
