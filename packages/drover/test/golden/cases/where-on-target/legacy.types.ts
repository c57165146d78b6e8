// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.carts': {
    id: int4
    customer_id: int4 | null
    total: text
  }
  'legacy.customers': {
    id: int4
    email: text | null
  }
}
