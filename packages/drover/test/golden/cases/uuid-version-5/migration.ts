import { defineMigration, derivedUuid, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const namespace = '19dca0fd-1545-57f7-bbb7-e1e71ed10f26'

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  to: 'app.customers',
  columns: ({ c }) => ({
    id: derivedUuid(c.id, { version: 5, namespace, entity: 'customers' }),
    url_id: derivedUuid(sql<text>`'https://example.org/' || ${c.id}`, { version: 5 }),
    namespaced_id: derivedUuid(c.id, { namespace }),
  }),
})

export default m.migration([customers])
