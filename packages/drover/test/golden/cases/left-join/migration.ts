import { defineMigration, type int8, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region left-join
const products = m.map('products', {
  from: (db) =>
    db
      .selectFrom('legacy.products as p')
      .leftJoin('legacy.suppliers as s', 's.id', 'p.supplier_id') // unique: its primary key
      .leftJoin(
        db
          .selectFrom('legacy.sales')
          .select(({ fn }) => ['sku', fn.sum<int8>('pieces').as('pieces')])
          .groupBy('sku') // unique: grouped by what it is joined on
          .as('sold'),
        'sold.sku',
        'p.sku',
      ),
  key: ({ p }) => p.id,
  to: 'app.products',
  columns: ({ p, s, sold }) => ({
    id: p.id,
    sku: p.sku,
    supplier: s.name, // null where there is none
    sold: sql<int8>`coalesce(${sold.pieces}, 0)`,
  }),
})
// #endregion

export default m.migration([products])
