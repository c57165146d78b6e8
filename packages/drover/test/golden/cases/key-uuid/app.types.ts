// Written by `drover types`. Do not edit.
import type {
  text,
  uuid,
} from 'drover'

export interface App {
  'app.continuations': {
    id: uuid
    previous: uuid
  }
  'app.sessions': {
    id: uuid
    agent: text | null
  }
}
