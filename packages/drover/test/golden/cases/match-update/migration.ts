import { constant, decimal, defineMigration, type int8, lowerTrim, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region match-update
const articles = m.map('articles', {
  from: (db) => db.selectFrom('legacy.articles as a'),
  key: ({ a }) => a.id,
  match: {
    on: (to, existing) => sql`${existing.sku} = ${to.sku}`,
    found: 'update',
    update: ['title', 'price', 'tags'],
  },
  to: 'app.articles',
  columns: ({ a }) => ({
    id: sql<int8>`${a.id}`,
    sku: lowerTrim(a.sku),
    title: a.title,
    price: decimal(a.price, { scale: 2 }).orQuarantine('no-price'),
    tags: sql<object | null>`${a.tags}::json`,
    origin: constant('legacy'), // of new rows only
  }),
})
// #endregion

export default m.migration([articles])
