import { defineMigration, derivedUuid, ref } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const things = m.map('things', {
  from: (db) => db.selectFrom('legacy.things as t'),
  key: ({ t }) => t.id,
  to: 'app.things',
  columns: ({ t }) => ({
    id: derivedUuid(t.id),
    name: t.id,
    next: ref(t.next, m.later('things', 'app.things')).orQuarantine(),
  }),
})

export default m.migration([things])
