// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.Customer Orders': {
    Order: text
    select: int4 | null
    'say "hi"': text | null
    'Größe': text | null
    'Parent Order': text | null
  }
}
