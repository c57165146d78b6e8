// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface App {
  'app.documents': {
    id: text
    folder: text
    length: int4
  }
  'app.folders': {
    name: text
  }
}
