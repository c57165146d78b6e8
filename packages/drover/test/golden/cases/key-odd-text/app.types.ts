// Written by `drover types`. Do not edit.
import type {
  text,
  uuid,
} from 'drover'

export interface App {
  'app.things': {
    id: uuid
    name: text
    next: uuid | null
  }
}
