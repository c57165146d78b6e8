// Written by `drover types`. Do not edit.
import type {
  int4,
  int8,
  text,
} from 'drover'

export interface App {
  'app.balances': {
    customer_id: int4
    points: int8
  }
  'app.customers': {
    id: int4
    email: text
  }
}
