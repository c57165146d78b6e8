// Written by `drover types`. Do not edit.
import type {
  int4,
  int8,
  jsonb,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.boards': {
    id: int4
    layout: jsonb | null
    filter: jsonb | null
  }
  'app.clinics': {
    id: uuid
    name: text
    email: text | null
  }
  'app.metrics': {
    id: int8
    name: text
  }
}
