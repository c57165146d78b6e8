// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.people': {
    id: int4
    team: int4 | null
    name: text | null
  }
  'legacy.teams': {
    id: int4
    lead: int4 | null
  }
}
