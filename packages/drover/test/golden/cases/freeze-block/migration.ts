import { defineMigration, type int4, ref, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

// #region freeze
const m = defineMigration<Legacy, App>({
  name: 'archive',
  cutover: '2025-06-01T00:00:00Z',
  source: { freeze: 'block' },
})
// #endregion

const folders = m.map('folders', {
  from: (db) => db.selectFrom('legacy.folders as f'),
  key: ({ f }) => f.name,
  to: 'app.folders',
  targetKey: 'name',
  columns: ({ f }) => ({ name: f.name }),
  dropped: ['parent'],
})

const documents = m.map('documents', {
  from: (db) => db.selectFrom('legacy.documents as d'),
  key: ({ d }) => d.id,
  to: 'app.documents',
  secret: ['body'], // too long for the ledger, too
  columns: ({ d }) => ({
    id: d.id,
    folder: ref(required(d.folder).orQuarantine('no-folder'), folders).orQuarantine(),
    length: sql<int4>`length(${d.body})`,
  }),
})

export default m.migration([folders, documents])
