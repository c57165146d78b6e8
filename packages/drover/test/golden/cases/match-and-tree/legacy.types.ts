// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.files': {
    id: int4
    folder_id: int4
    name: text
  }
  'legacy.folders': {
    id: int4
    name: text
    parent_id: int4 | null
  }
}
