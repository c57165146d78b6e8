// Written by `drover types`. Do not edit.
import type {
  int8,
  text,
} from 'drover'

export interface App {
  'app.events': {
    id: int8
    what: text
  }
  'app.links': {
    id: int8
    parent: int8
  }
}
