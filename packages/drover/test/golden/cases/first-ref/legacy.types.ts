// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: int4
    name: text | null
  }
  'legacy.orders': {
    id: int4
    customer_id: int4 | null
    billing_id: int4 | null
    parent_id: int4 | null
  }
}
