// Written by `drover types`. Do not edit.
import type {
  ArrayOf,
  int4,
  json,
  text,
} from 'drover'

export interface Legacy {
  'legacy.events': {
    id: int4
    kind: text | null
    body: json | null
    parts: ArrayOf<json> | null
    token: text | null
  }
}
