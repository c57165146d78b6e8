import { decimal, defineMigration, type int4, integer, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const stock = m.map('stock', {
  from: (db) => db.selectFrom('legacy.stock as s'),
  key: ({ s }) => s.id,
  to: 'app.stock',
  columns: ({ s }) => ({
    id: s.id,
    // #region integers
    shelf: integer(s.shelf, { type: 'int2' }).orNull('no-shelf'),
    pieces: integer(s.pieces, { locale: s.locale }).orQuarantine(),
    serial: integer(s.serial, { type: 'int8' }).orNull(),
    weight: sql<int4 | null>`${decimal(s.weight, { scale: 0, precision: 9 }).orNull()}::int4`, // rounded
    // #endregion
  }),
})

export default m.migration([stock])
