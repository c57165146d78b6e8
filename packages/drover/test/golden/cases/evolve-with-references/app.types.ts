// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface App {
  'app.countries': {
    code: text
  }
  'app.customers': {
    id: int4
    shop: text
    country_id: int4 | null
    country: text | null
  }
}
