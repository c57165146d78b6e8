// Written by `drover types`. Do not edit.
import type {
  text,
  uuid,
} from 'drover'

export interface Legacy {
  'legacy.sessions': {
    id: uuid
    previous: uuid | null
    agent: text | null
  }
}
