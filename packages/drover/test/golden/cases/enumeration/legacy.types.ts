// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.users': {
    id: int4
    role: text | null
    state: text
  }
}
