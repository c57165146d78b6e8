// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.files': {
    id: int4
    folder: text
    parent: text | null
    name: text
  }
  'app.folders': {
    id: uuid
    name: text
    parent_id: uuid | null
  }
}
