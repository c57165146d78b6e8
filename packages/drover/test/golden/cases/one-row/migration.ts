import { defineMigration, withDefault } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const settings = m.map('settings', {
  from: (db) => db.selectFrom('legacy.settings as s'),
  key: ({ s }) => s.id,
  to: 'app.settings',
  columns: ({ s }) => ({ id: s.id, theme: withDefault(s.theme, 'light') }),
})

export default m.migration([settings])
