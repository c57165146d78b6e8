// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
  uuid,
} from 'drover'

export interface App {
  'app.people': {
    id: uuid
    kind: text
    name: text
  }
  'app.seats': {
    number: int4
    person: uuid | null
  }
}
