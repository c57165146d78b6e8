// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.opening_hours': {
    id: int4
    shop: text
    weekday: int4 | null
    opens: text | null
    changed_at: timestamp
  }
}
