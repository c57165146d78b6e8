// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.tags': {
    id: int4
    label: text
    used: int4
  }
  'legacy.uses': {
    id: int4
    tag_id: int4
  }
}
