import { defineMigration, derivedUuid, ref } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region text-to-uuid
const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  to: 'app.customers',
  columns: ({ c }) => ({ id: derivedUuid(c.id, { entity: 'customers' }), name: c.name }),
})

const orders = m.map('orders', {
  from: (db) => db.selectFrom('legacy.orders as o'),
  key: ({ o }) => o.id,
  to: 'app.orders',
  columns: ({ o }) => ({
    id: derivedUuid(o.id, { entity: 'orders' }),
    customer_id: ref(o.customer_id, customers).orQuarantine(),
  }),
})
// #endregion

const orderLines = m.map('order_lines', {
  from: (db) => db.selectFrom('legacy.order_lines as l'),
  key: ({ l }) => l.id,
  to: 'app.order_lines',
  columns: ({ l }) => ({
    id: derivedUuid(l.id, { entity: 'order_lines' }),
    order_id: ref(l.order_id, orders).orQuarantine(),
    article: l.article,
  }),
})

// Children before parents: the plan finds the order.
export default m.migration([orderLines, orders, customers])
