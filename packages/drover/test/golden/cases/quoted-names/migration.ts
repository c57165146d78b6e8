import { defineMigration, derivedUuid, required, squish } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const orders = m.map('orders', {
  from: (db) => db.selectFrom('legacy.Customer Orders as The Order'),
  key: ({ 'The Order': o }) => o.Order,
  to: 'app.Orders',
  columns: ({ 'The Order': o }) => ({
    id: derivedUuid(o.Order),
    from: o.select,
    'say "hi"': required(squish(o['say "hi"'])).orQuarantine('not "polite"'),
    Größe: o.Größe,
    parentId: derivedUuid(o['Parent Order']),
  }),
})

export default m.migration([orders])
