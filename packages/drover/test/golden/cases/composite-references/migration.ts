import { defineMigration, derivedUuid, ref, refWhen, required, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const shops = m.map('shops', {
  from: (db) => db.selectFrom('legacy.shops as s'),
  key: ({ s }) => [s.country, s.number],
  to: 'app.shops',
  columns: ({ s }) => ({ id: derivedUuid(sql<text>`${s.country} || ${s.number}`), name: s.name }),
})

// Two references of several columns to one mapping, one of them under a condition.
const transfers = m.map('transfers', {
  from: (db) => db.selectFrom('legacy.transfers as t'),
  key: ({ t }) => t.id,
  to: 'app.transfers',
  columns: ({ t }) => ({
    id: t.id,
    from_shop: required(ref([t.from_country, t.from_number], shops).orQuarantine('no-sender')).orQuarantine(
      'no-sender',
    ),
    to_shop: refWhen(sql`${t.kind} = 'inland'`, [t.from_country, t.to_number], shops).orNull('no-receiver'),
  }),
})

export default m.migration([transfers, shops])
