// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.accounts': {
    id: int4
    owner: text | null
    token: text | null
    seen: int4
  }
}
