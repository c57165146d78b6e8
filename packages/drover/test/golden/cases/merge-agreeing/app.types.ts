// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.readings': {
    id: int4
    meter: text
    taken: date
    value: numeric
    note: text | null
  }
  'app.remarks': {
    id: int4
    reading_id: int4 | null
  }
}
