// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
} from 'drover'

export interface App {
  'app.customers': {
    id: int4
    email: text
  }
  'app.logins': {
    id: int4
    customer_id: int4 | null
    became: text | null
    at: date
  }
}
