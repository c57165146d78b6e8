import { constant, defineMigration, derivedUuid, firstRef, ref, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// Two tables become one: a mapping from each, with ids that cannot meet.
const staff = m.map('staff', {
  from: (db) => db.selectFrom('legacy.staff as s'),
  key: ({ s }) => s.id,
  to: 'app.people',
  columns: ({ s }) => ({
    id: derivedUuid(sql<text>`${s.id}::text`, { entity: 'staff' }),
    kind: constant('staff'),
    name: s.name,
  }),
})

const guests = m.map('guests', {
  from: (db) => db.selectFrom('legacy.guests as g'),
  key: ({ g }) => g.id,
  to: 'app.people',
  columns: ({ g }) => ({
    id: derivedUuid(sql<text>`${g.id}::text`, { entity: 'guest' }),
    kind: constant('guest'),
    name: g.nick,
  }),
})

const seats = m.map('seats', {
  from: (db) => db.selectFrom('legacy.seats as s'),
  key: ({ s }) => s.number,
  to: 'app.seats',
  targetKey: 'number',
  columns: ({ s }) => ({
    number: s.number,
    person: firstRef(ref(s.staff_id, staff), ref(s.guest_id, guests)).derivedAs('guest').orNull('empty'),
  }),
})

export default m.migration([staff, guests, seats])
