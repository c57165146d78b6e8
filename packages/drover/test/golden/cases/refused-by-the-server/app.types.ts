// Written by `drover types`. Do not edit.
import type {
  int2,
  int4,
  timestamp,
  varchar,
} from 'drover'

export interface App {
  'app.bookings': {
    id: int4
    room: varchar
    starts: timestamp
    ends: timestamp
    guests: int2
  }
}
