// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.customers': {
    id: int4 | null
    name: text | null
  }
  'legacy.people': {
    id: int4
    given: text | null
    family: text | null
    kind: text
  }
}
