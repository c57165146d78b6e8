import { decimal, defineMigration, narrow } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'meters', cutover: '2025-06-01T00:00:00Z' })

const readings = m.map('readings', {
  from: (db) => db.selectFrom('legacy.readings as r'),
  key: ({ r }) => r.id,
  to: 'app.readings',
  columns: ({ r }) => ({
    // #region narrow
    id: narrow(r.id, 'int4').orQuarantine('id-too-large'),
    value: narrow(r.value, { precision: 8, scale: 2 }).orNull('no-value'),
    pulses: narrow(r.pulses, 'int2').orElse(-1),
    total: narrow(r.total, 'int8').orNull(),
    price: decimal(r.price, { precision: 8, scale: 2 }).orNull('no-price'),
    // #endregion
  }),
})

export default m.migration([readings])
