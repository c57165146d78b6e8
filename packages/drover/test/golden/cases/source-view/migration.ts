import { blankToNull, defineMigration, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  to: 'app.customers',
  columns: ({ c }) => ({
    id: required(c.id).orQuarantine(),
    name: required(blankToNull(c.name)).orQuarantine('no-name'),
  }),
})

export default m.migration([customers])
