import { defineMigration, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const rosters = m.map('rosters', {
  from: (db) => db.selectFrom('legacy.rosters as r'),
  key: ({ r }) => [r.day, r.shift, r.place],
  to: 'app.rosters',
  targetKey: 'day',
  columns: ({ r }) => ({ day: r.day, shift: sql<text>`${r.shift}::text`, place: r.place, person: r.person }),
})

export default m.migration([rosters])
