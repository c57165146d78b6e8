// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: int4
    email: text | null
    name: text | null
    state: text
    created_at: date
  }
  'legacy.orders': {
    id: int4
    customer_id: int4
  }
}
