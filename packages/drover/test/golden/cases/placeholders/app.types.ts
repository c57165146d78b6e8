// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.offices': {
    id: int4
    town: text
    rent: numeric | null
    staff: int4
    phone: text | null
  }
}
