// Written by `drover types`. Do not edit.
import type {
  bytea,
  int4,
  text,
  timestamptz,
} from 'drover'

export interface App {
  'app.accounts': {
    id: int4
    owner: text
    token_sealed: bytea
    token_hint: text
    checked_at: timestamptz | null
  }
}
