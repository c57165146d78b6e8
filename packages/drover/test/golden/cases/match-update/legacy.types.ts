// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.articles': {
    id: int4
    sku: text
    title: text | null
    price: text
    tags: text | null
  }
}
