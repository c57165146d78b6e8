// Written by `drover types`. Do not edit.
import type {
  date,
  text,
} from 'drover'

export interface App {
  'app.rosters': {
    day: date
    shift: text
    place: text
    person: text | null
  }
}
