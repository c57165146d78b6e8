// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.people': {
    id: int4
    born: text | null
    hired: text | null
    paid: text
    seen: timestamp | null
    closed: timestamp | null
  }
}
