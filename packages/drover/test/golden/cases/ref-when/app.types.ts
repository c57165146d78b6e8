// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface App {
  'app.comments': {
    id: int4
    product_id: int4 | null
    customer_id: int4 | null
    body: text
  }
  'app.customers': {
    id: int4
  }
  'app.products': {
    id: int4
  }
}
