// Written by `drover types`. Do not edit.
import type {
  int4,
  int8,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.people': {
    id: int4
    team_id: uuid | null
    name: text
  }
  'app.size_classes': {
    people: int8
    teams: int8
  }
  'app.team_sizes': {
    team_id: uuid
    name: text
    people: int8
  }
  'app.teams': {
    id: uuid
    name: text
  }
}
