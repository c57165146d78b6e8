import { defineMigration, derivedUuid, ref, required, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  to: 'app.customers',
  columns: ({ c }) => ({ id: derivedUuid(c.id) }),
})

const strictOrders = m.map('strict_orders', {
  from: (db) => db.selectFrom('legacy.orders as o'),
  key: ({ o }) => o.id,
  to: 'app.strict_orders',
  columns: ({ o }) => ({
    id: o.id,
    // #region orphan-quarantined
    customer_id: ref(o.customer_id, customers).orQuarantine('no-customer'),
    // #endregion
  }),
})

const looseOrders = m.map('loose_orders', {
  from: (db) => db.selectFrom('legacy.orders as o'),
  key: ({ o }) => o.id,
  to: 'app.loose_orders',
  columns: ({ o }) => ({
    id: o.id,
    // #region orphan-null
    customer_id: ref(o.customer_id, customers).orNull(),
    // #endregion
  }),
})

const defaultOrders = m.map('default_orders', {
  from: (db) => db.selectFrom('legacy.orders as o'),
  key: ({ o }) => o.id,
  to: 'app.default_orders',
  columns: ({ o }) => ({
    id: o.id,
    // #region orphan-default
    customer_id: ref(required(o.customer_id).orQuarantine('no-customer'), customers).orElse(
      derivedUuid(sql<text>`'unknown'`),
      'unknown-customer',
    ),
    // #endregion
  }),
})

export default m.migration([customers, strictOrders, looseOrders, defaultOrders])
