// Written by `drover types`. Do not edit.
import type {
  ArrayOf,
  bytea,
  char,
  int8,
  interval,
  jsonb,
  numeric,
  text,
  time,
  varchar,
} from 'drover'

export type AppArticleState = 'new' | 'on sale' | 'gone'

export interface App {
  'app.articles': {
    id: int8
    state: AppArticleState
    states: ArrayOf<AppArticleState>
    tags: ArrayOf<varchar> | null
    contact: text | null
    size: numeric | null
    data: jsonb | null
    digest: bytea | null
    opened: time | null
    kept: interval | null
    char: char | null
  }
}
