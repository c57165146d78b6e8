// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.offices': {
    id: int4
    town: text | null
    rent: text
    staff: text
    phone: text | null
  }
}
