// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  timestamptz,
} from 'drover'

export interface App {
  'app.days': {
    day: date
    first_at: timestamptz | null
  }
  'app.readings': {
    at: timestamptz
    value: int4
  }
}
