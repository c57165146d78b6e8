import { decimal, defineMigration, lookup, lowerTrim, ref, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  identity: (_, to) => [to.email],
  to: 'app.customers',
  columns: ({ c }) => ({ id: c.id, email: lowerTrim(required(c.email).orQuarantine('no-email')) }),
})

// What decides may read the target columns as they will be, and through them rows of other targets. A row that is
// excluded is not set aside, whatever else is wrong with it.
const carts = m.map('carts', {
  from: (db) => db.selectFrom('legacy.carts as k'),
  key: ({ k }) => k.id,
  where: (_, to) =>
    sql`${to.total} is distinct from 0 and coalesce(${lookup(to.customer_id, customers, 'email')}, '') not like '%.example'`,
  to: 'app.carts',
  columns: ({ k }) => ({
    id: k.id,
    customer_id: ref(required(k.customer_id).orQuarantine('no-customer'), customers).orQuarantine('lost-customer'),
    total: decimal(k.total, { scale: 2 }).orQuarantine('no-total'),
  }),
})

export default m.migration([customers, carts])
