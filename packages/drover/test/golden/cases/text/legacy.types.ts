// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.contacts': {
    id: int4
    name: text | null
    email: text | null
    zip: text | null
    remark: text | null
  }
}
