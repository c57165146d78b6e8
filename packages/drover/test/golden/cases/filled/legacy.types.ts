// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: int4
    email: text
    name: text | null
    phone: text | null
    note: text | null
    seen: date | null
  }
}
