// Written by `drover types`. Do not edit.
import type {
  text,
  uuid,
} from 'drover'

export interface App {
  'app.addresses': {
    id: uuid
    customer_id: uuid
    street: text | null
    city: text
  }
  'app.customers': {
    id: uuid
    name: text
  }
  'app.subscriptions': {
    customer_id: uuid
    topic: text
  }
}
