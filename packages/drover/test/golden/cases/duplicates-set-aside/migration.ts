import { defineMigration, lowerTrim, oldest, quarantineWhen, ref, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const vouchers = m.map('vouchers', {
  from: (db) => db.selectFrom('legacy.vouchers as v'),
  key: ({ v }) => v.code,
  // #region duplicates-set-aside
  identity: ({ v }) => ({ by: [lowerTrim(v.code)], quarantine: 'same-code' }),
  survivor: ({ v }) => oldest(v.issued),
  // #endregion
  to: 'app.vouchers',
  targetKey: 'code',
  columns: ({ v }) => ({
    code: lowerTrim(v.code),
    amount: quarantineWhen(v.amount, 'negative', sql`${v.amount} < 0`),
  }),
})

const redemptions = m.map('redemptions', {
  from: (db) => db.selectFrom('legacy.redemptions as r'),
  key: ({ r }) => r.id,
  to: 'app.redemptions',
  columns: ({ r }) => ({ id: r.id, code: ref(r.code, vouchers).orQuarantine() }),
})

export default m.migration([vouchers, redemptions])
