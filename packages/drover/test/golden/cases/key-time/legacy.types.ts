// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  timestamptz,
} from 'drover'

export interface Legacy {
  'legacy.days': {
    day: date
    first_at: timestamptz | null
  }
  'legacy.readings': {
    at: timestamptz
    previous: timestamptz | null
    value: int4
  }
}
