// Written by `drover types`. Do not edit.
import type {
  jsonb,
  text,
} from 'drover'

export interface App {
  'app.shops': {
    name: text
    hours: jsonb
    weekdays: jsonb
  }
}
