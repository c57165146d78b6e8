import { defineMigration, derivedUuid, lowerTrim, oldest, ref } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region merge-oldest
const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  identity: ({ c }) => [lowerTrim(c.email)],
  survivor: ({ c }) => oldest(c.created_at),
  to: 'app.customers',
  columns: ({ c }) => ({ id: derivedUuid(c.id), name: c.name, email: lowerTrim(c.email) }),
})
// #endregion

const orders = m.map('orders', {
  from: (db) => db.selectFrom('legacy.orders as o'),
  key: ({ o }) => o.id,
  to: 'app.orders',
  columns: ({ o }) => ({ id: derivedUuid(o.id), customer_id: ref(o.customer_id, customers).orQuarantine() }),
})

export default m.migration([customers, orders])
