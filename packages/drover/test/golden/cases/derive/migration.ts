import { businessDate, decimal, defineMigration, type int8, type numeric } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const orders = m.map('orders', {
  from: (db) => db.selectFrom('legacy.orders as o'),
  key: ({ o }) => o.id,
  to: 'app.orders',
  columns: ({ o }) => ({
    id: o.id,
    customer: o.customer,
    day: businessDate(o.ordered_at, { zone: 'Europe/Vienna' }).orQuarantine(),
    total: decimal(o.total, { scale: 2 }).orQuarantine('no-total'),
  }),
})

// #region derive
const dailyTotals = m.derive('daily_totals', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('app.orders as o')
        .select(({ fn }) => ['o.day', fn.countAll<int8>().as('orders'), fn.sum<numeric>('o.total').as('total')])
        .groupBy('o.day')
        .as('d'),
    ),
  key: ({ d }) => d.day,
  to: 'app.daily_totals',
  targetKey: 'day',
  columns: ({ d }) => ({ day: d.day, orders: d.orders, total: d.total }),
})
// #endregion

export default m.migration([dailyTotals, orders])
