import { decimal, defineMigration, filled, fold, newest, ref, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'meters', cutover: '2025-06-01T00:00:00Z' })

const readings = m.map('readings', {
  from: (db) => db.selectFrom('legacy.readings as r'),
  key: ({ r }) => r.id,
  // #region merge-agreeing
  identity: (_, to) => ({ by: [to.meter, to.taken], agree: [to.value], quarantine: 'conflicting-value' }),
  survivor: ({ r }) => newest(r.changed),
  // #endregion
  to: 'app.readings',
  columns: ({ r }) => ({
    id: r.id,
    meter: sql<text>`upper(${fold(r.meter)})`,
    taken: r.taken,
    value: decimal(r.value, { scale: 2 }).orQuarantine('no-value'),
    note: filled(r.note), // of rows that agree
  }),
})

const remarks = m.map('remarks', {
  from: (db) => db.selectFrom('legacy.remarks as r'),
  key: ({ r }) => r.id,
  to: 'app.remarks',
  columns: ({ r }) => ({ id: r.id, reading_id: ref(r.reading_id, readings).orQuarantine() }),
})

export default m.migration([readings, remarks])
