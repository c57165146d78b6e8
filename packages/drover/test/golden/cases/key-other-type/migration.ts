import { defineMigration, type int4, ref, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const accounts = m.map('accounts', {
  from: (db) => db.selectFrom('legacy.accounts as a'),
  key: ({ a }) => a.number,
  to: 'app.accounts',
  columns: ({ a }) => ({ id: sql<int4>`(${a.number} * 100)::integer` }),
})

// A key is compared as text: what refers to it must be brought to its type, or nothing is found.
const bookings = m.map('bookings', {
  from: (db) => db.selectFrom('legacy.bookings as b'),
  key: ({ b }) => b.id,
  to: 'app.bookings',
  columns: ({ b }) => ({
    id: b.id,
    account: ref(sql`${b.account}::numeric(10, 2)`, accounts).orNull(),
    by_whole: ref(b.whole, accounts).orNull('not-as-written'),
  }),
})

export default m.migration([accounts, bookings])
