import { atMost, defineMigration, normalized, sql, stripInvisible, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const articles = m.map('articles', {
  from: (db) => db.selectFrom('legacy.articles as a'),
  key: ({ a }) => a.id,
  to: 'app.articles',
  columns: ({ a }) => {
    // #region text-limits
    const title = normalized(a.title, 'NFC')
    const code = stripInvisible(normalized(a.code, 'NFKC'))
    return {
      id: a.id,
      title: atMost(title, 12).orElse(sql<text>`left(${title}, 12)`, 'cut-off'),
      code: atMost(code, 6).orQuarantine(),
      remark: atMost(a.remark, 3).orNull(),
    }
    // #endregion
  },
})

export default m.migration([articles])
