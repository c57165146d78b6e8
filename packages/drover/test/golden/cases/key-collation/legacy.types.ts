// Written by `drover types`. Do not edit.
import type {
  text,
} from 'drover'

export interface Legacy {
  'legacy.quotes': {
    word: text
    line: text
  }
  'legacy.words': {
    word: text
  }
}
