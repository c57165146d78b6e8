// Written by `drover types`. Do not edit.
import type {
  text,
  uuid,
} from 'drover'

export interface App {
  'app.customers': {
    id: uuid
    name: text
    city: text | null
  }
  'app.visits': {
    id: uuid
    note: text
  }
}
