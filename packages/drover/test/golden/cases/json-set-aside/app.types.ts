// Written by `drover types`. Do not edit.
import type {
  int4,
  jsonb,
  text,
} from 'drover'

export interface App {
  'app.events': {
    id: int4
    kind: text
    body: jsonb | null
  }
}
