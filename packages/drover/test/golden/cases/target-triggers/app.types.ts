// Written by `drover types`. Do not edit.
import type {
  Generated,
  int4,
  text,
} from 'drover'

export interface App {
  'app.audit': {
    customer_id: int4
    what: text
  }
  'app.customers': {
    id: int4
    name: text
    slug: Generated<text>
    changes: Generated<int4>
  }
}
