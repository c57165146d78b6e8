import { defineMigration, derivedUuid, lowerTrim, newest, ref, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  identity: (_, to) => [to.email],
  to: 'app.customers',
  columns: ({ c }) => ({ id: derivedUuid(c.id), email: lowerTrim(c.email) }),
})

const carts = m.map('carts', {
  from: (db) => db.selectFrom('legacy.carts as k'),
  key: ({ k }) => k.id,
  // #region merge-on-target-columns
  identity: (_, to) => [to.customer_id, to.day],
  survivor: (_, to) => newest(to.items),
  // #endregion
  to: 'app.carts',
  columns: ({ k }) => ({
    id: derivedUuid(k.id),
    customer_id: ref(required(k.customer_id).orQuarantine(), customers).orQuarantine('no-customer'),
    day: k.day,
    items: k.items,
  }),
})

export default m.migration([carts, customers])
