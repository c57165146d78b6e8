// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.bookings': {
    id: int4
    room: text
    starts: timestamp
    ends: timestamp
    guests: text
  }
}
