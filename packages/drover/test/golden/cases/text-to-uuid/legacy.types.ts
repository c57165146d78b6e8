// Written by `drover types`. Do not edit.
import type {
  text,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: text
    name: text
  }
  'legacy.order_lines': {
    id: text
    order_id: text
    article: text
  }
  'legacy.orders': {
    id: text
    customer_id: text
  }
}
