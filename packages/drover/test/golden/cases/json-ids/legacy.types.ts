// Written by `drover types`. Do not edit.
import type {
  int4,
  jsonb,
  text,
} from 'drover'

export interface Legacy {
  'legacy.boards': {
    id: int4
    layout: jsonb | null
    filter: jsonb | null
  }
  'legacy.clinics': {
    id: text
    name: text | null
    email: text | null
  }
  'legacy.metrics': {
    id: int4
    name: text | null
  }
}
