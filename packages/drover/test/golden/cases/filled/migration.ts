import { defineMigration, filled, lowerTrim, newest, oldest, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  // #region filled
  identity: ({ c }) => [lowerTrim(c.email)],
  survivor: ({ c }) => oldest(c.seen),
  to: 'app.customers',
  columns: ({ c }) => ({
    id: c.id,
    name: required(filled(c.name)).orQuarantine('no-name'),
    phone: filled(c.phone), // the survivor's own, else that of the next oldest
    last_note: filled(c.note, newest(c.seen)), // the latest, whoever wrote it
  }),
  // #endregion
})

export default m.migration([customers])
