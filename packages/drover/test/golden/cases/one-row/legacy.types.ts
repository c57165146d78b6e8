// Written by `drover types`. Do not edit.
import type {
  bool,
  text,
} from 'drover'

export interface Legacy {
  'legacy.settings': {
    id: bool
    theme: text | null
  }
}
