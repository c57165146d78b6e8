// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.comments': {
    id: int4
    about: text
    about_id: int4 | null
    body: text
  }
  'legacy.customers': {
    id: int4
  }
  'legacy.products': {
    id: int4
  }
}
