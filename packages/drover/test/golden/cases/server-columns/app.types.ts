// Written by `drover types`. Do not edit.
import type {
  Generated,
  GeneratedAlways,
  IdentityAlways,
  int8,
  numeric,
  timestamptz,
} from 'drover'

export interface App {
  'app.invoices': {
    id: IdentityAlways<int8>
    number: Generated<int8>
    net: numeric
    tax: numeric
    gross: GeneratedAlways<numeric | null>
    entered: Generated<int8>
    touched_at: Generated<timestamptz>
  }
}
