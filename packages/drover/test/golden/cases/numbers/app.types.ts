// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
} from 'drover'

export interface App {
  'app.figures': {
    id: int4
    amount: numeric | null
    rate: numeric | null
  }
}
