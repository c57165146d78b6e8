// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
  text,
  timestamptz,
  uuid,
} from 'drover'

export interface App {
  'app.sales': {
    id: int4
    shop_id: uuid | null
    amount: numeric
    currency: text
    sold_at: timestamptz
  }
  'app.shops': {
    id: uuid
    currency: text
    zone: text
  }
}
