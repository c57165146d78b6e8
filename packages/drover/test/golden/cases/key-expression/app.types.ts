// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface App {
  'app.links': {
    id: int4
    path: text | null
  }
  'app.pages': {
    path: text
    visits: int4
  }
}
