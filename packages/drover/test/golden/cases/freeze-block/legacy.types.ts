// Written by `drover types`. Do not edit.
import type {
  text,
} from 'drover'

export interface Legacy {
  'legacy.documents': {
    id: text
    folder: text | null
    body: text
  }
  'legacy.folders': {
    name: text
    parent: text | null
  }
}
