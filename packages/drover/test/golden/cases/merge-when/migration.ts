import { blankToNull, defineMigration, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const stock = m.map('stock', {
  from: (db) => db.selectFrom('legacy.stock as s'),
  key: ({ s }) => s.id,
  // #region merge-when
  identity: (_, to) => ({ by: [to.serial], when: sql`${to.serial} is not null` }),
  // #endregion
  to: 'app.stock',
  columns: ({ s }) => ({ id: s.id, sku: s.sku, serial: blankToNull(s.serial), place: s.place }),
})

export default m.migration([stock])
