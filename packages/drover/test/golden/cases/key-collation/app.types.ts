// Written by `drover types`. Do not edit.
import type {
  text,
} from 'drover'

export interface App {
  'app.quotes': {
    line: text
    word: text
  }
  'app.words': {
    word: text
  }
}
