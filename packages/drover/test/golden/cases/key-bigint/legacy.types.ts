// Written by `drover types`. Do not edit.
import type {
  int8,
  text,
} from 'drover'

export interface Legacy {
  'legacy.events': {
    id: int8
    parent: int8 | null
    what: text
  }
}
