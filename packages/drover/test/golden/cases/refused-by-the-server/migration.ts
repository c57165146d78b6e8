import { defineMigration, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// No guard foresees what is wrong with these rows. The server refuses them: they are set aside under its SQLSTATE.
const bookings = m.map('bookings', {
  from: (db) => db.selectFrom('legacy.bookings as b'),
  key: ({ b }) => b.id,
  to: 'app.bookings',
  columns: ({ b }) => ({
    id: b.id,
    room: b.room,
    starts: b.starts,
    ends: b.ends,
    guests: required(sql<number>`${b.guests}::smallint`).orQuarantine(),
  }),
})

export default m.migration([bookings])
