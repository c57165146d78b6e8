// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
  text,
} from 'drover'

export interface Legacy {
  'legacy.products': {
    id: int4
    sku: text
    title: text | null
    price: numeric
    shelf: text | null
  }
}
