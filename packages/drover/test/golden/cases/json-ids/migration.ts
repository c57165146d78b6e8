import { defineMigration, derivedUuid, type int8, lowerTrim, required, rewriteIds, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'clinic', cutover: '2025-06-01T00:00:00Z' })

const clinics = m.map('clinics', {
  from: (db) => db.selectFrom('legacy.clinics as c'),
  key: ({ c }) => c.id,
  identity: (_, to) => [to.email],
  to: 'app.clinics',
  columns: ({ c }) => ({
    id: derivedUuid(c.id),
    name: required(c.name).orQuarantine('no-name'),
    email: lowerTrim(c.email),
  }),
})

const metrics = m.map('metrics', {
  from: (db) => db.selectFrom('legacy.metrics as m'),
  key: ({ m }) => m.id,
  to: 'app.metrics',
  columns: ({ m }) => ({ id: sql<int8>`${m.id} + 100`, name: required(m.name).orQuarantine('no-name') }),
})

// #region json-ids
const boards = m.map('boards', {
  from: (db) => db.selectFrom('legacy.boards as b'),
  key: ({ b }) => b.id,
  to: 'app.boards',
  columns: ({ b }) => ({
    id: b.id,
    layout: rewriteIds(b.layout, { clinicId: clinics, metricIds: metrics }).orKeep('lost-id'),
    filter: rewriteIds(b.filter, { clinicId: clinics }).orQuarantine('no-clinic'),
  }),
})
// #endregion

export default m.migration([boards, clinics, metrics])
