import { defineMigration, derivedUuid, ref, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region composite-source-key
const orderLines = m.map('order_lines', {
  from: (db) => db.selectFrom('legacy.order_lines as l'),
  key: ({ l }) => [l.order_no, l.line_no],
  to: 'app.order_lines',
  columns: ({ l }) => ({
    id: derivedUuid(sql<text>`${l.order_no} || '/' || ${l.line_no}`, { entity: 'order_lines' }),
    article: l.article,
  }),
})

const shipments = m.map('shipments', {
  from: (db) => db.selectFrom('legacy.shipments as s'),
  key: ({ s }) => s.id,
  to: 'app.shipments',
  columns: ({ s }) => ({
    id: s.id,
    order_line_id: ref([s.order_no, s.line_no], orderLines).orNull('no-line'),
    sent_on: s.sent_on,
  }),
})
// #endregion

export default m.migration([orderLines, shipments])
