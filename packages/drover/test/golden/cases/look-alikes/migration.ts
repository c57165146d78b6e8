import { alike, decimal, defineMigration, newest, noteWhen, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'books', cutover: '2025-06-01T00:00:00Z' })

// #region look-alikes
const bookings = m.map('bookings', {
  from: (db) => db.selectFrom('legacy.bookings as b'),
  key: ({ b }) => b.id,
  identity: ({ b }) => ({ by: [b.receipt], when: sql`${b.receipt} is not null` }),
  survivor: ({ b }) => newest(b.changed),
  to: 'app.bookings',
  columns: ({ b }) => {
    const amount = decimal(b.amount, { scale: 2 }).orQuarantine()
    const isTwin = alike([b.branch, b.day, amount], { when: sql`${b.receipt} is null` })
    const isShared = alike([b.sheet], { differIn: [b.branch], when: sql`${b.sheet} is not null` })
    return {
      id: b.id,
      branch: b.branch,
      day: b.day,
      amount: noteWhen(amount, 'look-alike', isTwin),
      receipt: b.receipt,
      sheet: noteWhen(b.sheet, 'shared-sheet', isShared),
    }
  },
})
// #endregion

export default m.migration([bookings])
