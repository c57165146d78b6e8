// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.events': {
    id: text
    at: timestamp
    kind: text
  }
  'legacy.replies': {
    id: int4
    event_id: text | null
  }
}
