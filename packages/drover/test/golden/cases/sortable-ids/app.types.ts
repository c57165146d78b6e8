// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  timestamptz,
  uuid,
} from 'drover'

export interface App {
  'app.events': {
    id: uuid
    at: timestamptz
    kind: text
  }
  'app.replies': {
    id: int4
    event_id: uuid | null
  }
}
