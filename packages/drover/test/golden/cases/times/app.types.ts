// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  timestamptz,
} from 'drover'

export interface App {
  'app.visits': {
    id: int4
    zone: text
    starts: timestamptz
    ends: timestamptz | null
    booked: timestamptz | null
    synced: timestamptz | null
  }
}
