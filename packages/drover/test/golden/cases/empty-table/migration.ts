import { defineMigration, derivedUuid, fold, ref, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  identity: ({ c }) => [fold(c.name)],
  to: 'app.customers',
  columns: ({ c }) => ({ id: derivedUuid(c.id), name: required(c.name).orQuarantine() }),
})

const orders = m.map('orders', {
  from: (db) => db.selectFrom('legacy.orders as o'),
  key: ({ o }) => o.id,
  to: 'app.orders',
  columns: ({ o }) => ({ id: derivedUuid(o.id), customer_id: ref(o.customer_id, customers).orQuarantine() }),
})

export default m.migration([customers, orders])
