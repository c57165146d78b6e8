// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.patients': {
    id: int4
    name: text | null
    born: text
    insurance: text
    pin: text | null
  }
}
