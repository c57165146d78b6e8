import { defineMigration, oldest, ref, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  where: ({ c }) => sql`${c.state} = 'ok'`,
  identity: ({ c }) => [c.email],
  survivor: ({ c }) => oldest(c.created_at),
  to: 'app.customers',
  columns: ({ c }) => ({
    id: c.id,
    email: required(c.email).orQuarantine('no-email'),
    name: required(c.name).orQuarantine('no-name'),
  }),
})

const orders = m.map('orders', {
  from: (db) => db.selectFrom('legacy.orders as o'),
  key: ({ o }) => o.id,
  to: 'app.orders',
  columns: ({ o }) => ({ id: o.id, customer_id: ref(o.customer_id, customers).orQuarantine() }),
})

export default m.migration([customers, orders])
