// Written by `drover types`. Do not edit.
import type {
  Generated,
  int4,
  text,
} from 'drover'

export interface App {
  'app.customers': {
    id: int4
    name: text
    country: text | null
    status: text
    updated_by: Generated<text>
  }
}
