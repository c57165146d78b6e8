// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.order_lines': {
    id: uuid
    article: text
  }
  'app.shipments': {
    id: int4
    order_line_id: uuid | null
    sent_on: date
  }
}
