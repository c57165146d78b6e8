// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.products': {
    id: int4
    title: text
    price: numeric | null
    currency: text | null
    weight: text
    created_at: timestamp
    updated_at: timestamp
  }
}
