// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
  text,
  timestamptz,
} from 'drover'

export interface App {
  'app.products': {
    id: int4
    title: text
    price: numeric
    currency: text
    weight: numeric | null
    origin: text
    created_at: timestamptz
    updated_at: timestamptz
  }
}
