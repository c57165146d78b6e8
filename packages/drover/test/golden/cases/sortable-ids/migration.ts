import { defineMigration, instant, ref, uuidv7From } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const events = m.map('events', {
  from: (db) => db.selectFrom('legacy.events as e'),
  key: ({ e }) => e.id,
  to: 'app.events',
  columns: ({ e }) => {
    // #region sortable-ids
    const at = instant(e.at, { zone: 'UTC' }).orQuarantine()
    return { id: uuidv7From(at, e.id, { entity: 'events' }), at, kind: e.kind }
    // #endregion
  },
})

const replies = m.map('replies', {
  from: (db) => db.selectFrom('legacy.replies as r'),
  key: ({ r }) => r.id,
  to: 'app.replies',
  columns: ({ r }) => ({ id: r.id, event_id: ref(r.event_id, events).orNull('no-event') }),
})

export default m.migration([events, replies])
