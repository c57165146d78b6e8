import { blankToNull, defineMigration, isoDate, matching, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'practice', cutover: '2025-06-01T00:00:00Z' })

// #region personal
const patients = m.map('patients', {
  from: (db) => db.selectFrom('legacy.patients as p'),
  key: ({ p }) => p.id,
  to: 'app.patients',
  personal: ['name', 'born'], // kept in the ledger, shown nowhere
  secret: ['pin'], // not even kept
  columns: ({ p }) => ({
    id: p.id,
    name: required(blankToNull(p.name)).orQuarantine('no-name'),
    born: isoDate(p.born).orNull('no-birthday'),
    insurance: matching(p.insurance, '^[A-Z]{2}-[0-9]+$').orNull('no-insurance'),
  }),
  dropped: ['pin'],
})
// #endregion

export default m.migration([patients])
