// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  json,
  jsonb,
  text,
} from 'drover'

export interface Legacy {
  'legacy.users': {
    id: int4
    theme: text | null
    rows_per_page: text | null
    since: date | null
    tag_1: text | null
    tag_2: text | null
    filter: text | null
    state: json | null
    layout: jsonb | null
  }
}
