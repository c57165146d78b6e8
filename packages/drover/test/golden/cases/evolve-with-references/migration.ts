import { defineMigration, ref } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const countries = m.map('countries', {
  from: (db) => db.selectFrom('legacy.countries as c'),
  key: ({ c }) => c.id,
  to: 'app.countries',
  targetKey: 'code',
  columns: ({ c }) => ({ code: c.iso }),
})

const customers = m.evolve('customers', {
  from: (db) => db.selectFrom('app.customers as c'),
  to: 'app.customers',
  columns: ({ c }) => ({ country: ref(c.country_id, countries).orNull('unknown-country') }),
})

export default m.migration([countries, customers])
