// Written by `drover types`. Do not edit.
import type {
  float8,
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.articles': {
    id: int4
    state: text
    tags: text | null
    contact: text | null
    size: float8 | null
    data: text | null
    opened: text | null
  }
}
