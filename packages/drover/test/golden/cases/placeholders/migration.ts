import { decimal, defineMigration, integer, meaningful, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'offices', cutover: '2025-06-01T00:00:00Z' })

const offices = m.map('offices', {
  from: (db) => db.selectFrom('legacy.offices as o'),
  key: ({ o }) => o.id,
  to: 'app.offices',
  columns: ({ o }) => ({
    id: o.id,
    // #region placeholders
    town: required(meaningful(o.town, ['to be updated']).orElse('Unknown', 'no-town')).orQuarantine('no-town'),
    rent: decimal(meaningful(o.rent, ['N/A', '#DIV/0!', '-', '']).orNull('no-rent'), { scale: 2 }).orQuarantine(),
    staff: integer(meaningful(o.staff, ['n/a']).orReject('no-office')).orQuarantine(),
    phone: meaningful(o.phone, ['none']).orNull(),
    // #endregion
  }),
})

export default m.migration([offices])
