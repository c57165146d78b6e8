// Written by `drover types`. Do not edit.
import type {
  int4,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.redemptions': {
    id: int4
    code: text
  }
  'app.vouchers': {
    code: text
    amount: numeric
  }
}
