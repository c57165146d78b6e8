import { defineMigration, mapValues, withDefault } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  to: 'app.customers',
  columns: ({ c }) => ({
    id: c.id,
    // #region map-values
    kind: mapValues(c.kind, { 1: 'clinic', 2: 'laboratory', 9: null }).orQuarantine('unknown-kind'),
    state: mapValues(withDefault(c.state, 'A', 'no-state'), { A: 'active', I: 'inactive' }).orElse('inactive'),
    discount: mapValues(c.premium, { true: 10, false: 0 }).orNull(),
    contact: mapValues(c.contact, { mail: c.email, phone: c.phone, none: null }).orNull('unknown-contact'),
    // #endregion
  }),
})

export default m.migration([customers])
