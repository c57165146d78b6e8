// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.orders': {
    id: int4
    customer: text
    ordered_at: timestamp
    total: text
  }
}
