// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.links': {
    id: int4
    path: text
  }
  'legacy.pages': {
    path: text
    visits: int4
  }
}
