// Written by `drover types`. Do not edit.
import type {
  Generated,
  GeneratedAlways,
  IdentityAlways,
  int8,
  json,
  numeric,
  text,
} from 'drover'

export interface App {
  'app.articles': {
    id: IdentityAlways<int8>
    sku: text
    title: text | null
    price: numeric
    tags: json | null
    origin: Generated<text>
    label: GeneratedAlways<text | null>
  }
}
