// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface App {
  'app.stock': {
    id: int4
    sku: text | null
    serial: text | null
    place: text
  }
}
