// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.members': {
    id: int4
    name: text
    email: text
  }
  'legacy.payments': {
    id: int4
    member_id: int4 | null
    amount: text
    locale: text | null
    paid_on: text
  }
}
