import { defineMigration, derivedUuid, fold, lookup, oldest, ref, required, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const folders = m.map('folders', {
  from: (db) => db.selectFrom('legacy.folders as f'),
  key: ({ f }) => f.id,
  identity: ({ f }) => [fold(f.name)],
  survivor: ({ f }) => oldest(f.id),
  match: { on: (to, existing) => sql`${existing.name} = ${to.name}`, found: 'keep' },
  to: 'app.folders',
  columns: ({ f }) => ({
    id: derivedUuid(sql<text>`${f.id}::text`),
    name: f.name,
    parent_id: ref(f.parent_id, m.later('folders', 'app.folders')).orQuarantine('no-parent'),
  }),
})

// Look-ups see what was there before, too, and columns that were filled after the load.
const files = m.map('files', {
  from: (db) => db.selectFrom('legacy.files as f'),
  key: ({ f }) => f.id,
  to: 'app.files',
  columns: ({ f }) => {
    const folder = ref(f.folder_id, folders).orQuarantine()
    const parent = lookup(folder, folders, 'parent_id')
    return {
      id: f.id,
      folder: required(lookup(folder, folders, 'name')).orQuarantine('nowhere'),
      parent: lookup(parent, folders, 'name'),
      name: f.name,
    }
  },
})

export default m.migration([folders, files])
