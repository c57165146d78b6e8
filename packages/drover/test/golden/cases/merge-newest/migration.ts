import { defineMigration, newest } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// Rows without a date come last; between equals the lowest key decides; nulls are one identity like any other value.
const prices = m.map('prices', {
  from: (db) => db.selectFrom('legacy.prices as p'),
  key: ({ p }) => p.id,
  identity: ({ p }) => [p.sku],
  survivor: ({ p }) => newest(p.valid_from),
  to: 'app.prices',
  columns: ({ p }) => ({ id: p.id, sku: p.sku, price: p.price }),
})

export default m.migration([prices])
