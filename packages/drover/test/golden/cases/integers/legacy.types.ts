// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.stock': {
    id: int4
    locale: text | null
    shelf: text | null
    pieces: text
    serial: text | null
    weight: text | null
  }
}
