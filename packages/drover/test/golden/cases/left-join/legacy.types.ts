// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.products': {
    id: int4
    sku: text
    supplier_id: int4 | null
  }
  'legacy.sales': {
    id: int4
    sku: text
    pieces: int4
  }
  'legacy.suppliers': {
    id: int4
    name: text
    country: text | null
  }
}
