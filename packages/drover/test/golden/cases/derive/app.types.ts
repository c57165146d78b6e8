// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  int8,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.daily_totals': {
    day: date
    orders: int8
    total: numeric
  }
  'app.orders': {
    id: int4
    customer: text
    day: date
    total: numeric
  }
}
