// Written by `drover types`. Do not edit.
import type {
  date,
  int4,
  text,
} from 'drover'

export interface App {
  'app.patients': {
    id: int4
    name: text
    born: date | null
    insurance: text | null
  }
}
