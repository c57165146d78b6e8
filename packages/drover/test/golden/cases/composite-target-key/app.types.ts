// Written by `drover types`. Do not edit.
import type {
  int2,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.order_lines': {
    order_id: uuid
    position: int2
    article: text | null
  }
  'app.orders': {
    id: uuid
  }
}
