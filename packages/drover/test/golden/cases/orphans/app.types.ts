// Written by `drover types`. Do not edit.
import type {
  int4,
  uuid,
} from 'drover'

export interface App {
  'app.customers': {
    id: uuid
  }
  'app.default_orders': {
    id: int4
    customer_id: uuid
  }
  'app.loose_orders': {
    id: int4
    customer_id: uuid | null
  }
  'app.strict_orders': {
    id: int4
    customer_id: uuid | null
  }
}
