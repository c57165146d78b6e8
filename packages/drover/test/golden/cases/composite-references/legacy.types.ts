// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.shops': {
    country: text
    number: int4
    name: text
  }
  'legacy.transfers': {
    id: int4
    from_country: text | null
    from_number: int4 | null
    to_number: int4 | null
    kind: text
  }
}
