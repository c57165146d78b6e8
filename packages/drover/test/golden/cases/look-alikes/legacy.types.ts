// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.bookings': {
    id: int4
    branch: text
    day: date
    amount: text
    receipt: text | null
    sheet: text | null
    changed: timestamp
  }
}
