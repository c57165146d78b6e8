import { collect, defineMigration, filled, lowerTrim, newest, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// A group of duplicates updates the one row that it matches, with what the group knows together.
const contacts = m.map('contacts', {
  from: (db) => db.selectFrom('legacy.contacts as c'),
  key: ({ c }) => c.id,
  identity: (_, to) => [to.email],
  survivor: ({ c }) => newest(c.seen),
  match: {
    on: (to, existing) => sql`${existing.email} = ${to.email}`,
    found: 'update',
    update: ['phone', 'city', 'cities'],
  },
  to: 'app.contacts',
  columns: ({ c }) => ({
    id: c.id,
    email: lowerTrim(c.email),
    phone: filled(c.phone),
    city: filled(c.city),
    cities: collect(c.city, { orderBy: newest(c.seen) }),
  }),
})

export default m.migration([contacts])
