// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.products': {
    id: int4
    sku: text
    title: text | null
    price: numeric
  }
}
