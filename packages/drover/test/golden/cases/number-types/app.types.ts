// Written by `drover types`. Do not edit.
import type {
  int2,
  int4,
  int8,
  numeric,
} from 'drover'

export interface App {
  'app.readings': {
    id: int4
    value: numeric | null
    pulses: int2 | null
    total: int8 | null
    price: numeric | null
  }
}
