// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.shares': {
    id: uuid
    link: text
    token: uuid
    title: text
  }
  'app.views': {
    id: int4
    share_id: uuid | null
  }
}
