// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.stays': {
    id: int4
    arrived: text | null
    departed: text | null
    booked: timestamp | null
    paid: timestamp | null
    valid_from: date
    valid_until: date | null
    open_from: timestamp
    open_until: timestamp
  }
}
