// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
} from 'drover'

export interface Legacy {
  'legacy.accounts': {
    number: numeric
  }
  'legacy.bookings': {
    id: int4
    account: numeric | null
    whole: int4 | null
  }
}
