// Written by `drover types`. Do not edit.
import type {
  bool,
  int4,
  text,
  timestamp,
} from 'drover'

export interface Legacy {
  'legacy.users': {
    id: int4
    email: text
    verified: bool | null
    last_login: timestamp | null
    created_at: timestamp
  }
}
