import { defineMigration, quarantineWhen, refWhen, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const products = m.map('products', {
  from: (db) => db.selectFrom('legacy.products as p'),
  key: ({ p }) => p.id,
  to: 'app.products',
  columns: ({ p }) => ({ id: p.id }),
})

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  to: 'app.customers',
  columns: ({ c }) => ({ id: c.id }),
})

// #region ref-when
const comments = m.map('comments', {
  from: (db) => db.selectFrom('legacy.comments as c'),
  key: ({ c }) => c.id,
  to: 'app.comments',
  columns: ({ c }) => {
    const product = refWhen(sql`${c.about} = 'product'`, c.about_id, products).orQuarantine()
    const customer = refWhen(sql`${c.about} = 'customer'`, c.about_id, customers).orQuarantine()
    const isAboutNothing = sql`${c.about} not in ('product', 'customer') or ${c.about_id} is null`
    return {
      id: c.id,
      product_id: product,
      customer_id: customer,
      body: quarantineWhen(c.body, 'about-nothing', isAboutNothing),
    }
  },
})
// #endregion

export default m.migration([products, customers, comments])
