// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface App {
  'app.contacts': {
    id: int4
    name: text
    compared: text
    email: text | null
    zip: text | null
    remark: text | null
  }
}
