import { defineMigration, instant, instantFromText, timeZone } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'clinic', cutover: '2025-06-01T00:00:00Z' })

const visits = m.map('visits', {
  from: (db) => db.selectFrom('legacy.visits as v'),
  key: ({ v }) => v.id,
  to: 'app.visits',
  columns: ({ v }) => {
    // #region instants
    const zone = timeZone(v.zone).orElse('Europe/Berlin', 'default-zone')
    return {
      id: v.id,
      zone,
      starts: instant(v.starts, { zone }).orQuarantine(),
      ends: instant(v.ends, { zone, gap: 'refuse', overlap: 'refuse' }).orNull('no-end'),
      booked: instantFromText(v.booked, { zone, overlap: 'earlier' }).orNull(),
      synced: instantFromText(v.synced).orNull('no-sync'), // without a zone, the text must tell an offset
    }
    // #endregion
  },
})

export default m.migration([visits])
