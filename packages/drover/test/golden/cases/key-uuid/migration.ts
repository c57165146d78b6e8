import { defineMigration, ref, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const sessions = m.map('sessions', {
  from: (db) => db.selectFrom('legacy.sessions as s'),
  key: ({ s }) => s.id,
  to: 'app.sessions',
  columns: ({ s }) => ({ id: s.id, agent: s.agent }),
})

const continuations = m.map('continuations', {
  from: (db) => db.selectFrom('legacy.sessions as s'),
  key: ({ s }) => s.id,
  to: 'app.continuations',
  columns: ({ s }) => ({
    id: ref(s.id, sessions).orQuarantine(),
    previous: required(ref(s.previous, sessions).orQuarantine()).orQuarantine('first'),
  }),
})

export default m.migration([sessions, continuations])
