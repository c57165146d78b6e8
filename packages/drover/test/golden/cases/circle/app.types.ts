// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface App {
  'app.people': {
    id: int4
    team: int4
    name: text
  }
  'app.teams': {
    id: int4
    lead: int4 | null
  }
}
