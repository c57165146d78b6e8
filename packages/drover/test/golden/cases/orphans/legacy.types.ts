// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: text
  }
  'legacy.orders': {
    id: int4
    customer_id: text | null
  }
}
