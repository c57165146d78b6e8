// Written by `drover types`. Do not edit.
import type {
  int2,
  int4,
  text,
} from 'drover'

export type AppKind = 'clinic' | 'laboratory'

export interface App {
  'app.customers': {
    id: int4
    kind: AppKind | null
    state: text
    discount: int2 | null
    contact: text | null
  }
}
