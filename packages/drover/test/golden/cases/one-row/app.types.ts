// Written by `drover types`. Do not edit.
import type {
  bool,
  text,
} from 'drover'

export interface App {
  'app.settings': {
    id: bool
    theme: text
  }
}
