// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface App {
  'app.customers': {
    id: int4
    name: text
  }
  'app.order_lines': {
    id: int4
    order_id: int4
  }
  'app.orders': {
    id: int4
    customer_id: int4
  }
  'app.reviews': {
    id: int4
    order_id: int4 | null
  }
}
