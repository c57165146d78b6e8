// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.visits': {
    id: int4
    zone: text
    starts: timestamp
    ends: timestamp | null
    booked: text | null
    synced: text | null
  }
}
