// Written by `drover types`. Do not edit.
import type {
  int4,
  int8,
  text,
} from 'drover'

export interface App {
  'app.products': {
    id: int4
    sku: text
    supplier: text | null
    sold: int8
  }
}
