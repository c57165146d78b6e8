// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.shops': {
    id: uuid
    name: text
  }
  'app.transfers': {
    id: int4
    from_shop: uuid
    to_shop: uuid | null
  }
}
