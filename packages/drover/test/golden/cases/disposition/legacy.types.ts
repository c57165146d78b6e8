// Written by `drover types`. Do not edit.
import type {
  bool,
  date,
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: int4
    email: text | null
    test: bool
  }
  'legacy.logins': {
    id: int4
    customer_id: int4 | null
    at: date
  }
}
