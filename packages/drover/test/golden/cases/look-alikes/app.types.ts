// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.bookings': {
    id: int4
    branch: text
    day: date
    amount: numeric
    receipt: text | null
    sheet: text | null
  }
}
