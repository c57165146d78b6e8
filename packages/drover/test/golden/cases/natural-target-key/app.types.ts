// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface App {
  'app.addresses': {
    id: int4
    city: text
    country: text | null
  }
  'app.countries': {
    code: text
    name: text
  }
}
