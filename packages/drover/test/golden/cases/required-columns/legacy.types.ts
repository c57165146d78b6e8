// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: int4
    name: text | null
    email: text | null
    phone: text | null
    country: text | null
    points: int4 | null
  }
}
