// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.notes': {
    id: text
    author: text | null
    body: text | null
    written: timestamp
    number: int4 | null
    stars: int4 | null
  }
}
