// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  timestamp,
} from 'drover'

export interface App {
  'app.people': {
    id: int4
    born: date | null
    hired: date | null
    paid: date
    seen: timestamp | null
    closed: date | null
  }
}
