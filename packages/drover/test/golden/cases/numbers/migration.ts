import { defineMigration, money, percent } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const figures = m.map('figures', {
  from: (db) => db.selectFrom('legacy.figures as f'),
  key: ({ f }) => f.id,
  to: 'app.figures',
  columns: ({ f }) => ({
    id: f.id,
    // #region numbers
    amount: money(f.amount, { locale: f.locale, scale: 2 }).orQuarantine('no-amount'),
    rate: percent(f.rate, { bareFactor: 100, scale: 4 }).orNull(),
    // #endregion
  }),
})

export default m.migration([figures])
