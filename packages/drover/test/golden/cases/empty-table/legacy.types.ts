// Written by `drover types`. Do not edit.
import type {
  text,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: text
    name: text | null
  }
  'legacy.orders': {
    id: text
    customer_id: text
  }
}
