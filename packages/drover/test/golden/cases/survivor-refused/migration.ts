import { defineMigration, filled, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// Nobody in the first group has a phone: the survivor is set aside, and who was to be merged into it follows.
const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  identity: ({ c }) => [c.email],
  to: 'app.customers',
  columns: ({ c }) => ({ id: c.id, email: c.email, phone: required(filled(c.phone)).orQuarantine('no-phone') }),
})

export default m.migration([customers])
