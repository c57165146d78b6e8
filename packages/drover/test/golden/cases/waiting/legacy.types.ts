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
  'legacy.order_lines': {
    id: int4
    order_id: int4
  }
  'legacy.orders': {
    id: int4
    customer_id: int4 | null
  }
  'legacy.reviews': {
    id: int4
    order_id: int4 | null
  }
}
