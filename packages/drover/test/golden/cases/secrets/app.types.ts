// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  int8,
  text,
} from 'drover'

export interface App {
  'app.devices': {
    owner: text
    pins: int8
  }
  'app.users': {
    id: int4
    name: text
    password_hash: text
    key_length: int4 | null
    created: date
  }
}
