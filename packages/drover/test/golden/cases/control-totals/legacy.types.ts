// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.invoices': {
    id: int4
    number: text | null
    clinic: text
    day: date | null
    state: text | null
    amount: text | null
  }
}
