// Written by `drover types`. Do not edit.
import type {
  int4,
  jsonb,
} from 'drover'

export interface App {
  'app.users': {
    id: int4
    settings: jsonb
    filter: jsonb | null
    state: jsonb | null
    layout: jsonb
  }
}
