// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.carts': {
    id: uuid
    customer_id: uuid
    day: date
    items: int4
  }
  'app.customers': {
    id: uuid
    email: text
  }
}
