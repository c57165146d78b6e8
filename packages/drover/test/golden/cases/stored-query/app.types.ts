// Written by `drover types`. Do not edit.
import type {
  ArrayOf,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.receipts': {
    receipt: text
    articles: ArrayOf<text>
    total: numeric
  }
}
