import { defineMigration, derivedUuid, lowerTrim, ref, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region match-keep
const accounts = m.map('accounts', {
  from: (db) => db.selectFrom('legacy.users as u'),
  key: ({ u }) => u.id,
  match: {
    on: (to, existing) => sql`lower(${existing.email}) = ${to.email} and not ${existing.sso}`,
    found: 'keep',
  },
  to: 'app.accounts',
  columns: ({ u }) => ({ id: derivedUuid(u.id), email: lowerTrim(u.email), name: u.name }),
})
// #endregion

const notes = m.map('notes', {
  from: (db) => db.selectFrom('legacy.notes as n'),
  key: ({ n }) => n.id,
  to: 'app.notes',
  columns: ({ n }) => ({ id: n.id, author: ref(n.author, accounts).orQuarantine(), body: n.body }),
})

export default m.migration([accounts, notes])
