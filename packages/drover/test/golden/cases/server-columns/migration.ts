import { defineMigration, type int8, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const invoices = m.map('invoices', {
  from: (db) => db.selectFrom('legacy.invoices as i'),
  key: ({ i }) => i.id,
  to: 'app.invoices',
  // `gross` is computed by the server; `entered` and `touched_at` are left to their defaults, which the plan calls a hazard.
  columns: ({ i }) => ({
    id: sql<int8>`${i.id}`,
    number: sql<int8>`1000 + ${i.id}`,
    net: i.net,
    tax: i.tax,
  }),
})

export default m.migration([invoices])
