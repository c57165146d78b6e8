// Written by `drover types`. Do not edit.
import type {
  bool,
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: int4
    kind: int4 | null
    state: text | null
    premium: bool | null
    contact: text | null
    email: text | null
    phone: text | null
  }
}
