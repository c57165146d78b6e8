// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  timestamp,
  timestamptz,
} from 'drover'

export interface App {
  'app.stays': {
    id: int4
    arrived: date | null
    departed: date | null
    booked: timestamptz | null
    paid: timestamptz | null
    valid_from: date
    valid_until: date | null
    open_from: timestamp
    open_until: timestamp
  }
}
