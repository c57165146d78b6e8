import { defineMigration, ref, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// A customer is set aside; his orders wait for him, and their lines for them. The code tells a loss from a wait.
const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  to: 'app.customers',
  columns: ({ c }) => ({ id: c.id, name: required(c.name).orQuarantine('no-name') }),
})

const orders = m.map('orders', {
  from: (db) => db.selectFrom('legacy.orders as o'),
  key: ({ o }) => o.id,
  to: 'app.orders',
  columns: ({ o }) => ({
    id: o.id,
    customer_id: ref(required(o.customer_id).orQuarantine(), customers).orQuarantine('no-customer'),
  }),
})

const orderLines = m.map('order_lines', {
  from: (db) => db.selectFrom('legacy.order_lines as l'),
  key: ({ l }) => l.id,
  to: 'app.order_lines',
  columns: ({ l }) => ({ id: l.id, order_id: ref(l.order_id, orders).orQuarantine('no-order') }),
})

const reviews = m.map('reviews', {
  from: (db) => db.selectFrom('legacy.reviews as r'),
  key: ({ r }) => r.id,
  to: 'app.reviews',
  columns: ({ r }) => ({ id: r.id, order_id: ref(r.order_id, orders).orNull('no-order') }),
})

export default m.migration([customers, orders, orderLines, reviews])
