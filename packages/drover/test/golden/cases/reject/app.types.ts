// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.members': {
    id: int4
    name: text
    email: text
  }
  'app.payments': {
    id: int4
    member_id: int4
    amount: numeric
    paid_on: date
  }
}
