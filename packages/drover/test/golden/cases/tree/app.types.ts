// Written by `drover types`. Do not edit.
import type {
  text,
  uuid,
} from 'drover'

export interface App {
  'app.categories': {
    id: uuid
    name: text
    parent_id: uuid | null
  }
}
