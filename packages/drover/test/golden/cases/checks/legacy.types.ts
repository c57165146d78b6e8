// Written by `drover types`. Do not edit.
import type {
  date,
  text,
} from 'drover'

export interface Legacy {
  'legacy.sales': {
    id: text
    shop: text
    amount: text
    sold_on: date
  }
  'legacy.shops': {
    id: text
    city: text
  }
}
