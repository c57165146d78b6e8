// Written by `drover types`. Do not edit.
import type {
  Generated,
  bool,
  int4,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.accounts': {
    id: uuid
    email: text
    name: text | null
    sso: Generated<bool>
  }
  'app.notes': {
    id: int4
    author: uuid
    body: text
  }
}
