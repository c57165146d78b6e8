import { defineMigration, ref, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const pathOf = (path: unknown) => sql<text>`lower(${path} collate "C")`

const pages = m.map('pages', {
  from: (db) => db.selectFrom('legacy.pages as p'),
  key: ({ p }) => pathOf(p.path),
  to: 'app.pages',
  targetKey: 'path',
  columns: ({ p }) => ({ path: pathOf(p.path), visits: p.visits }),
})

const links = m.map('links', {
  from: (db) => db.selectFrom('legacy.links as l'),
  key: ({ l }) => l.id,
  to: 'app.links',
  columns: ({ l }) => ({ id: l.id, path: ref(pathOf(l.path), pages).orNull('dead-link') }),
})

export default m.migration([pages, links])
