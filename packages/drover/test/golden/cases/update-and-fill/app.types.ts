// Written by `drover types`. Do not edit.
import type {
  Generated,
  int4,
  jsonb,
  text,
} from 'drover'

export interface App {
  'app.contacts': {
    id: int4
    email: text
    phone: text | null
    city: text | null
    cities: Generated<jsonb>
  }
}
