import { defineMigration, firstRef, ref, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  to: 'app.customers',
  columns: ({ c }) => ({ id: c.id, name: required(c.name).orQuarantine('no-name') }),
})

// #region first-ref
const orders = m.map('orders', {
  from: (db) => db.selectFrom('legacy.orders as o').leftJoin('legacy.orders as p', 'p.id', 'o.parent_id'),
  key: ({ o }) => o.id,
  to: 'app.orders',
  columns: ({ o, p }) => ({
    id: o.id,
    customer_id: firstRef(ref(o.customer_id, customers), ref(o.billing_id, customers), ref(p.customer_id, customers))
      .derivedAs('customer-derived')
      .orQuarantine('no-customer'),
  }),
})
// #endregion

export default m.migration([customers, orders])
