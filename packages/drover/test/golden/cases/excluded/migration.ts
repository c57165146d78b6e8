import { defineMigration, quarantineWhen, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region excluded
const orders = m.map('orders', {
  from: (db) => db.selectFrom('legacy.orders as o'),
  key: ({ o }) => o.id,
  where: ({ o }) => sql`${o.state} <> 'draft'`, // a null is no yes: such a row is excluded too
  to: 'app.orders',
  columns: ({ o }) => ({ id: o.id, total: quarantineWhen(o.total, 'negative', sql`${o.total} < 0`) }),
})
// #endregion

export default m.migration([orders])
