// Written by `drover types`. Do not edit.
import type {
  int4,
  text,
} from 'drover'

export interface Legacy {
  'legacy.articles': {
    id: int4
    title: text
    code: text
    remark: text | null
  }
}
