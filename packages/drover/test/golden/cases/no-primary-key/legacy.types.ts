// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.log': {
    id: int4 | null
    at: timestamp | null
    line: text | null
  }
}
