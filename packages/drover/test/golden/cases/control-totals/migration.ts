import { type date, decimal, defineMigration, type int4, type int8, type numeric, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'billing', cutover: '2025-06-01T00:00:00Z' })

const one = sql<int4>`1`

const invoices = m.map('invoices', {
  from: (db) => db.selectFrom('legacy.invoices as i'),
  key: ({ i }) => i.id,
  where: ({ i }) => sql`${i.state} <> 'draft'`,
  identity: ({ i }) => [i.number],
  to: 'app.invoices',
  columns: ({ i }) => ({
    id: i.id,
    clinic: i.clinic,
    day: required(i.day).orQuarantine('no-day'),
    amount: decimal(i.amount).orNull('not-a-number'),
  }),
  totals: ({ i }, to) => ({
    amount: {
      source: decimal(i.amount).orNull(), // what is no number adds nothing
      target: to.amount,
      by: [to.clinic, sql<date>`date_trunc('month', ${to.day}::timestamp)::date`],
    },
    invoices: { source: one, target: one },
  }),
})

/** From a stored query, into rows of which one exists. */
const clinics = m.map('clinics', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('legacy.invoices as i')
        .where('i.state', '<>', 'draft')
        .where('i.amount', '~', '^[0-9.-]+$')
        .select(['i.clinic', sql<numeric>`sum(i.amount::numeric)`.as('amount'), sql<int8>`count(*)`.as('invoices')])
        .groupBy('i.clinic')
        .as('c'),
    ),
  key: ({ c }) => c.clinic,
  match: {
    on: (to, existing) => sql`${existing.id} = ${to.id}`,
    found: 'update',
    update: ['amount', 'invoices'],
  },
  to: 'app.clinics',
  columns: ({ c }) => ({ id: c.clinic, amount: c.amount, invoices: c.invoices }),
  totals: ({ c }, to) => ({
    amount: { source: c.amount, target: to.amount, by: [to.id, to.owner], tolerance: '0.005' },
  }),
})

export default m.migration([invoices, clinics])
