import { defineMigration, randomUuid, ref, required, sql, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const shares = m.map('shares', {
  from: (db) => db.selectFrom('legacy.shares as s'),
  key: ({ s }) => s.id,
  to: 'app.shares',
  columns: ({ s }) => {
    // #region random-ids
    const id = randomUuid()
    return {
      id,
      link: sql<text>`'/shares/' || ${id}`, // the same id
      token: randomUuid(), // another one
      title: required(s.title).orQuarantine('no-title'),
    }
    // #endregion
  },
})

const views = m.map('views', {
  from: (db) => db.selectFrom('legacy.views as v'),
  key: ({ v }) => v.id,
  to: 'app.views',
  columns: ({ v }) => ({ id: v.id, share_id: ref(v.share_id, shares).orNull() }),
})

export default m.migration([shares, views])
