// Written by `drover types`. Do not edit.
import type {
  text,
  uuid,
} from 'drover'

export interface App {
  'app.customers': {
    id: uuid
    name: text
    email: text
  }
  'app.orders': {
    id: uuid
    customer_id: uuid
  }
}
