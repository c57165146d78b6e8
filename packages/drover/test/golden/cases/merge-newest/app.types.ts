// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.prices': {
    id: int4
    sku: text | null
    price: numeric
  }
}
