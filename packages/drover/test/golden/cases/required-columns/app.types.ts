// Written by `drover types`. Do not edit.
import type {
  Generated,
  bool,
  int4,
  text,
} from 'drover'

export interface App {
  'app.customers': {
    id: int4
    name: text
    email: text | null
    phone: text
    country: text
    points: int4
    tier: Generated<text>
    active: bool
  }
}
