// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.shares': {
    id: int4
    title: text | null
  }
  'legacy.views': {
    id: int4
    share_id: int4 | null
  }
}
