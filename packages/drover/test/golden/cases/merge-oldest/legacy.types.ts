// Written by `drover types`. Do not edit.
import type {
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: text
    name: text
    email: text
    created_at: timestamp
  }
  'legacy.orders': {
    id: text
    customer_id: text
  }
}
