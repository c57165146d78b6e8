// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.contacts': {
    id: int4
    email: text
    phone: text | null
    city: text | null
    seen: date
  }
}
