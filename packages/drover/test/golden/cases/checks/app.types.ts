// Written by `drover types`. Do not edit.
import type {
  date,
  numeric,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.sales': {
    id: uuid
    shop_id: uuid
    amount: numeric
    sold_on: date
  }
  'app.shops': {
    id: uuid
    city: text
  }
}
