// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  numeric,
  text,
} from 'drover'

export interface Legacy {
  'legacy.prices': {
    id: int4
    sku: text | null
    price: numeric
    valid_from: date | null
  }
}
