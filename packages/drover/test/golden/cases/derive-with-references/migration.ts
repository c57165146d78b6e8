import { defineMigration, derivedUuid, type int8, ref, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const teams = m.map('teams', {
  from: (db) => db.selectFrom('legacy.teams as t'),
  key: ({ t }) => t.id,
  to: 'app.teams',
  columns: ({ t }) => ({ id: derivedUuid(t.id), name: required(t.name).orQuarantine('no-name') }),
})

const people = m.map('people', {
  from: (db) => db.selectFrom('legacy.people as p'),
  key: ({ p }) => p.id,
  to: 'app.people',
  columns: ({ p }) => ({ id: p.id, team_id: ref(p.team, teams).orNull(), name: p.name }),
})

// Totals of what was loaded, and totals of those totals: each waits for the table that it reads.
const teamSizes = m.derive('team_sizes', {
  from: (db) =>
    db.selectFrom('app.teams as t').leftJoin(
      db
        .selectFrom('app.people as p')
        .select(({ fn }) => ['p.team_id', fn.countAll<int8>().as('people')])
        .groupBy('p.team_id')
        .as('s'),
      's.team_id',
      't.id',
    ),
  key: ({ t }) => t.id,
  to: 'app.team_sizes',
  targetKey: 'team_id',
  columns: ({ t, s }) => ({ team_id: t.id, name: t.name, people: required(s.people).orElse('0', 'nobody') }),
})

const sizeClasses = m.derive('size_classes', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('app.team_sizes as s')
        .select(({ fn }) => ['s.people', fn.countAll<int8>().as('teams')])
        .groupBy('s.people')
        .as('c'),
    ),
  key: ({ c }) => c.people,
  to: 'app.size_classes',
  targetKey: 'people',
  columns: ({ c }) => ({ people: c.people, teams: c.teams }),
})

export default m.migration([sizeClasses, teamSizes, teams, people])
