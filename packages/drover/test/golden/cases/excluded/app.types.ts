// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
} from 'drover'

export interface App {
  'app.orders': {
    id: int4
    total: numeric
  }
}
