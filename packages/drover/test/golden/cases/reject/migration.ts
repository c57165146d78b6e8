import { decimal, defineMigration, isoDate, lowerTrim, matching, ref, rejectWhen, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'club', cutover: '2025-06-01T00:00:00Z' })

// #region reject
const members = m.map('members', {
  from: (db) => db.selectFrom('legacy.members as m'),
  key: ({ m }) => m.id,
  to: 'app.members',
  columns: ({ m }) => ({
    id: m.id,
    name: rejectWhen(m.name, 'made-for-tests', sql`${m.name} like 'TEST %'`),
    email: matching(lowerTrim(m.email), '^[^@ ]+@[^@ ]+$').orQuarantine('invalid-email'),
  }),
})

const payments = m.map('payments', {
  from: (db) => db.selectFrom('legacy.payments as p'),
  key: ({ p }) => p.id,
  to: 'app.payments',
  columns: ({ p }) => ({
    id: p.id,
    member_id: ref(required(p.member_id).orReject('no-member'), members).orReject('lost-member'),
    amount: decimal(p.amount, { locale: p.locale }).orReject('no-amount'),
    paid_on: isoDate(p.paid_on).orQuarantine('no-date'),
  }),
})
// #endregion

export default m.migration([members, payments])
