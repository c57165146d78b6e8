import {
  type ArrayOf,
  type bytea,
  type char,
  defineMigration,
  type int8,
  type interval,
  type jsonb,
  oneOf,
  sql,
  type text,
  type time,
} from 'drover'
import type { App, AppArticleState } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const articles = m.map('articles', {
  from: (db) => db.selectFrom('legacy.articles as a'),
  key: ({ a }) => a.id,
  to: 'app.articles',
  columns: ({ a }) => {
    const state = oneOf(a.state, ['new', 'on sale', 'gone']).orQuarantine()
    return {
      id: sql<int8>`${a.id}`,
      state,
      states: sql<ArrayOf<AppArticleState>>`array['new', ${state}]::app.article_state[]`,
      tags: sql<ArrayOf<text> | null>`string_to_array(nullif(${a.tags}, ''), ',')`,
      contact: sql<text | null>`case when ${a.contact} ~ '@' then ${a.contact} end`,
      size: sql<string | null>`${a.size}::numeric`,
      data: sql<jsonb | null>`${a.data}::jsonb`,
      digest: sql<bytea>`sha256(convert_to(${a.state}, 'UTF8'))`,
      opened: sql<time | null>`${a.opened}::time`,
      kept: sql<interval>`make_interval(days => ${a.id})`,
      char: sql<char>`left(${a.state}, 1)`,
    }
  },
})

export default m.migration([articles])
