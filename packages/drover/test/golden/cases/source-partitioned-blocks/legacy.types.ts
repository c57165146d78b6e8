// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  json,
  text,
} from 'drover'

export interface Legacy {
  'legacy.readings': {
    day: date
    sensor: int4
    value: text | null
    secret: text | null
    raw: json | null
  }
}
