// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.addresses': {
    id: int4
    city: text
    country: int4 | null
  }
  'legacy.countries': {
    number: int4
    iso: text
    name: text
  }
}
