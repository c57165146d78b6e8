// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.sales': {
    id: int4
    shop_id: text | null
    amount: text
    sold_at: timestamp
  }
  'legacy.shops': {
    id: text
    currency: text | null
    zone: text
  }
}
