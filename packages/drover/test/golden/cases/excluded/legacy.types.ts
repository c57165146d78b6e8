// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
  text,
} from 'drover'

export interface Legacy {
  'legacy.orders': {
    id: int4
    state: text | null
    total: numeric
  }
}
