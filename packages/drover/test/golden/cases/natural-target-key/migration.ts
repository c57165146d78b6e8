import { defineMigration, ref, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region natural-target-key
const countries = m.map('countries', {
  from: (db) => db.selectFrom('legacy.countries as c'),
  key: ({ c }) => c.number,
  to: 'app.countries',
  targetKey: 'code', // what references receive; `id` where nothing is said
  columns: ({ c }) => ({ code: sql<text>`upper(${c.iso} collate "C")`, name: c.name }),
})

const addresses = m.map('addresses', {
  from: (db) => db.selectFrom('legacy.addresses as a'),
  key: ({ a }) => a.id,
  to: 'app.addresses',
  columns: ({ a }) => ({ id: a.id, city: a.city, country: ref(a.country, countries).orNull('unknown-country') }),
})
// #endregion

export default m.migration([addresses, countries])
