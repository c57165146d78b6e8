// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.devices': {
    id: int4
    pin: text | null
    owner: text | null
  }
  'legacy.users': {
    id: int4
    name: text | null
    password_hash: text | null
    api_key: text | null
    created: text
  }
}
