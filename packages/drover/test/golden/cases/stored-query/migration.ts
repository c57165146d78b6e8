import { type ArrayOf, defineMigration, type numeric, required, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region stored-query
const receipts = m.map('receipts', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('legacy.lines as l')
        .select(({ ref, fn }) => [
          'l.receipt',
          sql<ArrayOf<text> | null>`array_agg(${ref('l.article')} order by ${ref('l.id')}) filter (where ${ref('l.article')} is not null)`.as(
            'articles',
          ),
          fn.sum<numeric | null>('l.price').as('total'),
        ])
        .groupBy('l.receipt')
        .as('r'),
    ),
  key: ({ r }) => r.receipt,
  to: 'app.receipts',
  targetKey: 'receipt',
  columns: ({ r }) => ({
    receipt: r.receipt,
    articles: required(r.articles).orQuarantine('no-articles'),
    total: required(r.total).orQuarantine('no-total'),
  }),
})
// #endregion

export default m.migration([receipts])
