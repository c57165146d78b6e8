// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  numeric,
  text,
} from 'drover'

export interface Legacy {
  'legacy.redemptions': {
    id: int4
    code: text
  }
  'legacy.vouchers': {
    code: text
    amount: numeric
    issued: date
  }
}
