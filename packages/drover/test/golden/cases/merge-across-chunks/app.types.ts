// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface App {
  'app.tags': {
    id: int4
    label: text
  }
  'app.uses': {
    id: int4
    tag_id: int4
  }
}
