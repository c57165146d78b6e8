// #region copy
import { defineMigration } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const products = m.map('products', {
  from: (db) => db.selectFrom('legacy.products as p'),
  key: ({ p }) => p.id,
  to: 'app.products',
  columns: ({ p }) => ({ id: p.id, sku: p.sku, title: p.title, price: p.price }),
  dropped: ['shelf'],
})

export default m.migration([products])
// #endregion
