// Written by `drover types`. Do not edit.
import type {
  text,
} from 'drover'

export interface Legacy {
  'legacy.categories': {
    id: text
    name: text
    parent_id: text | null
  }
}
