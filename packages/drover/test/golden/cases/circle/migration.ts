import { defineMigration, ref, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region circle
const teams = m.map('teams', {
  from: (db) => db.selectFrom('legacy.teams as t'),
  key: ({ t }) => t.id,
  to: 'app.teams',
  columns: ({ t }) => ({ id: t.id, lead: ref(t.lead, m.later('people', 'app.people')).orNull('no-lead') }),
})

const people = m.map('people', {
  from: (db) => db.selectFrom('legacy.people as p'),
  key: ({ p }) => p.id,
  to: 'app.people',
  columns: ({ p }) => ({
    id: p.id,
    team: ref(required(p.team).orQuarantine(), teams).orQuarantine('no-team'),
    name: required(p.name).orQuarantine('no-name'),
  }),
})
// #endregion

export default m.migration([teams, people])
