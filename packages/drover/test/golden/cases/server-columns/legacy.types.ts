// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
} from 'drover'

export interface Legacy {
  'legacy.invoices': {
    id: int4
    net: numeric
    tax: numeric
  }
}
