// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.order_lines': {
    id: int4
    order_id: text
    position: int4
    article: text | null
  }
  'legacy.orders': {
    id: text
  }
}
