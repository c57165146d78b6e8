import { defineMigration, ref, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  where: ({ c }) => sql`not ${c.test}`,
  identity: (_, to) => [to.email],
  to: 'app.customers',
  columns: ({ c }) => ({ id: c.id, email: required(c.email).orQuarantine('no-email') }),
})

// #region disposition
const logins = m.map('logins', {
  from: (db) => db.selectFrom('legacy.logins as l'),
  key: ({ l }) => l.id,
  // Logins of customers that were left out on purpose are left out too.
  where: ({ l }) => sql`${ref(l.customer_id, customers).disposition} is distinct from 'excluded'`,
  to: 'app.logins',
  columns: ({ l }) => {
    const customer = ref(l.customer_id, customers)
    return { id: l.id, customer_id: customer.orNull(), became: customer.disposition, at: l.at }
  },
})
// #endregion

export default m.migration([customers, logins])
