// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.carts': {
    id: int4
    customer_id: int4
    total: numeric
  }
  'app.customers': {
    id: int4
    email: text
  }
}
