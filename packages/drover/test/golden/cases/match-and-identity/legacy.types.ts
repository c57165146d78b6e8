// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.notes': {
    id: int4
    author: text
  }
  'legacy.users': {
    id: text
    email: text | null
    name: text
    created_at: date
  }
}
