// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.accounts': {
    id: uuid
    email: text
    name: text
  }
  'app.notes': {
    id: int4
    author: uuid
  }
}
