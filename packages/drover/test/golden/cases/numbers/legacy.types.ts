// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.figures': {
    id: int4
    locale: text | null
    amount: text | null
    rate: text | null
  }
}
