// Written by `drover types`. Do not edit.
import type {
  int4,
  varchar,
} from 'drover'

export interface App {
  'app.articles': {
    id: int4
    title: varchar
    code: varchar
    remark: varchar | null
  }
}
