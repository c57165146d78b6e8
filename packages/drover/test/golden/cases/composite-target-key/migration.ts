import { defineMigration, derivedUuid, ref } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const orders = m.map('orders', {
  from: (db) => db.selectFrom('legacy.orders as o'),
  key: ({ o }) => o.id,
  to: 'app.orders',
  columns: ({ o }) => ({ id: derivedUuid(o.id) }),
})

const orderLines = m.map('order_lines', {
  from: (db) => db.selectFrom('legacy.order_lines as l'),
  key: ({ l }) => l.id,
  to: 'app.order_lines',
  columns: ({ l }) => ({
    order_id: ref(l.order_id, orders).orQuarantine('no-order'),
    position: l.position,
    article: l.article,
  }),
})

export default m.migration([orders, orderLines])
