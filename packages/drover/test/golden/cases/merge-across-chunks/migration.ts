import { defineMigration, newest, ref, squish } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const tags = m.map('tags', {
  from: (db) => db.selectFrom('legacy.tags as t'),
  key: ({ t }) => t.id,
  identity: ({ t }) => [squish(t.label)],
  survivor: ({ t }) => newest(t.used),
  to: 'app.tags',
  columns: ({ t }) => ({ id: t.id, label: squish(t.label) }),
})

const uses = m.map('uses', {
  from: (db) => db.selectFrom('legacy.uses as u'),
  key: ({ u }) => u.id,
  to: 'app.uses',
  columns: ({ u }) => ({ id: u.id, tag_id: ref(u.tag_id, tags).orQuarantine() }),
})

export default m.migration([tags, uses])
