// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.readings': {
    day: date
    sensor: int4
    value: numeric
    unit: text | null
  }
}
