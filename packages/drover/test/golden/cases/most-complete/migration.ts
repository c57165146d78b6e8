import { defineMigration, mostComplete } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  identity: ({ c }) => [c.email],
  survivor: ({ c }) => mostComplete(c.name, c.phone, c.city),
  to: 'app.customers',
  columns: ({ c }) => ({ id: c.id, email: c.email, name: c.name, phone: c.phone, city: c.city }),
})

export default m.migration([customers])
