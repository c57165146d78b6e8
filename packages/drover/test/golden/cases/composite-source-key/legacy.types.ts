// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.order_lines': {
    order_no: int4
    line_no: int4
    article: text
  }
  'legacy.shipments': {
    id: int4
    order_no: int4 | null
    line_no: int4 | null
    sent_on: date
  }
}
