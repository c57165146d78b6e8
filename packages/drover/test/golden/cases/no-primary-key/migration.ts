import { defineMigration, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const log = m.map('log', {
  from: (db) => db.selectFrom('legacy.log as l'),
  key: ({ l }) => l.id,
  to: 'app.log',
  columns: ({ l }) => ({
    id: required(l.id).orQuarantine('no-id'),
    line: required(l.line).orQuarantine('no-line'),
  }),
  dropped: ['at'],
})

export default m.migration([log])
