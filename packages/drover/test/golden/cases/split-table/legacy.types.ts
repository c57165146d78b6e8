// Written by `drover types`. Do not edit.
import type {
  bool,
  text,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: text
    name: text
    street: text | null
    city: text | null
    newsletter: bool
  }
}
