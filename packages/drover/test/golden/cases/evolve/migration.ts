import { defineMigration, oneOf, sql, squish, type text } from 'drover'
import type { App } from './app.types.ts'

const m = defineMigration<App, App>({ name: 'tidy', cutover: '2025-06-01T00:00:00Z' })

// #region evolve
const customers = m.evolve('customers', {
  from: (db) => db.selectFrom('app.customers as c'),
  where: ({ c }) => sql`${c.status} <> 'deleted'`,
  to: 'app.customers',
  columns: ({ c }) => ({
    name: squish(c.name),
    country: sql<text | null>`upper(${c.country} collate "C")`,
    status: oneOf(c.status, ['active', 'inactive']).orQuarantine('unknown-status'),
  }),
})
// #endregion

export default m.migration([customers])
