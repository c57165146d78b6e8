// Written by `drover types`. Do not edit.
import type {
  float8,
  int8,
  numeric,
  text,
} from 'drover'

export interface Legacy {
  'legacy.readings': {
    id: int8
    value: float8 | null
    pulses: int8 | null
    total: numeric | null
    price: text | null
  }
}
