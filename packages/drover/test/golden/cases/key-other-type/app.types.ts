// Written by `drover types`. Do not edit.
import type {
  int4,
} from 'drover'

export interface App {
  'app.accounts': {
    id: int4
  }
  'app.bookings': {
    id: int4
    account: int4 | null
    by_whole: int4 | null
  }
}
