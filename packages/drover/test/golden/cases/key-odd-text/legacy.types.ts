// Written by `drover types`. Do not edit.
import type {
  text,
} from 'drover'

export interface Legacy {
  'legacy.things': {
    id: text
    next: text | null
  }
}
