// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.notes': {
    id: int4
    author: text
    body: text
  }
  'legacy.users': {
    id: text
    email: text
    name: text
  }
}
