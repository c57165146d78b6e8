// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.people': {
    id: int4
    team: text | null
    name: text
  }
  'legacy.teams': {
    id: text
    name: text | null
  }
}
