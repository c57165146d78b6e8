import { defineMigration, ref, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const events = m.map('events', {
  from: (db) => db.selectFrom('legacy.events as e'),
  key: ({ e }) => e.id,
  to: 'app.events',
  columns: ({ e }) => ({ id: e.id, what: e.what }),
})

const links = m.map('links', {
  from: (db) => db.selectFrom('legacy.events as e'),
  key: ({ e }) => e.id,
  where: ({ e }) => sql`${e.parent} is not null`,
  to: 'app.links',
  columns: ({ e }) => ({ id: e.id, parent: required(ref(e.parent, events).orQuarantine()).orQuarantine() }),
})

export default m.migration([events, links])
