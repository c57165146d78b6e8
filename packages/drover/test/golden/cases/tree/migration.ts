import { defineMigration, derivedUuid, fold, ref } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region tree
const categories = m.map('categories', {
  from: (db) => db.selectFrom('legacy.categories as c'),
  key: ({ c }) => c.id,
  identity: ({ c }) => [fold(c.name)],
  to: 'app.categories',
  columns: ({ c }) => ({
    id: derivedUuid(c.id),
    name: c.name,
    parent_id: ref(c.parent_id, m.later('categories', 'app.categories')).orQuarantine('no-parent'),
  }),
})
// #endregion

export default m.migration([categories])
