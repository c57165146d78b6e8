// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  int8,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.clinics': {
    id: text
    owner: text | null
    amount: numeric
    invoices: int8
  }
  'app.invoices': {
    id: int4
    clinic: text
    day: date
    amount: numeric | null
  }
}
