import { defineMigration, parseJson, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

/** What json holds and jsonb does not is no reason to lose a row that is set aside. */
const events = m.map('events', {
  from: (db) => db.selectFrom('legacy.events as e'),
  key: ({ e }) => e.id,
  to: 'app.events',
  secret: ['token'],
  columns: ({ e }) => ({
    id: e.id,
    kind: required(e.kind).orQuarantine('no-kind'),
    body: parseJson(e.body).orQuarantine(),
  }),
  dropped: ['parts', 'token'],
})

export default m.migration([events])
