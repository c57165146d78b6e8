// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
  text,
} from 'drover'

export interface Legacy {
  'legacy.lines': {
    id: int4
    receipt: text
    article: text | null
    price: numeric | null
  }
}
