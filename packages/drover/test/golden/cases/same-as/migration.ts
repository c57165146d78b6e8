import { defineMigration, derivedUuid, oldest, sameAs, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region same-as
const pairs = [
  ['c1', 'c2'],
  ['c2', 'c3'], // with the pair above one group of three
  ['c5', 'c6 \\ "six"'],
  ['c9', 'c4'], // no row has the first key
] as const

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  identity: ({ c }) => [sameAs(c.id, pairs)],
  survivor: ({ c }) => oldest(c.created_at),
  to: 'app.customers',
  columns: ({ c }) => ({ id: derivedUuid(c.id), name: c.name, city: c.city }),
})
// #endregion

const visits = m.map('visits', {
  from: (db) => db.selectFrom('legacy.visits as v'),
  key: ({ v }) => [v.clinic, v.day],
  identity: ({ v }) => [sameAs([v.clinic, v.day], [['["a", "2024-01-01"]', '["a", "2024-01-02"]']])],
  to: 'app.visits',
  columns: ({ v }) => ({ id: derivedUuid(sql<text>`${v.clinic} || ${v.day}::text`), note: v.note }),
})

export default m.migration([customers, visits])
