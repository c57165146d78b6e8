// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.carts': {
    id: text
    customer_id: text | null
    day: date
    items: int4
  }
  'legacy.customers': {
    id: text
    email: text
  }
}
