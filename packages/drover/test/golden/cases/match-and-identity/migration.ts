import { defineMigration, derivedUuid, lowerTrim, oldest, ref, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// All users of one address become one account: the one that exists, else a new one.
const accounts = m.map('accounts', {
  from: (db) => db.selectFrom('legacy.users as u'),
  key: ({ u }) => u.id,
  identity: (_, to) => [to.email],
  survivor: ({ u }) => oldest(u.created_at),
  match: { on: (to, existing) => sql`${existing.email} = ${to.email}`, found: 'keep' },
  to: 'app.accounts',
  columns: ({ u }) => ({
    id: derivedUuid(u.id),
    email: lowerTrim(required(u.email).orQuarantine('no-email')),
    name: u.name,
  }),
})

const notes = m.map('notes', {
  from: (db) => db.selectFrom('legacy.notes as n'),
  key: ({ n }) => n.id,
  to: 'app.notes',
  columns: ({ n }) => ({ id: n.id, author: ref(n.author, accounts).orQuarantine() }),
})

export default m.migration([accounts, notes])
