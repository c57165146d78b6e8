// Written by `drover types`. Do not edit.
import type {
  uuid,
} from 'drover'

export interface App {
  'app.customers': {
    id: uuid
    url_id: uuid
    namespaced_id: uuid
  }
}
