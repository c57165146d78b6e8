import { defineMigration, ref } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const readings = m.map('readings', {
  from: (db) => db.selectFrom('legacy.readings as r'),
  key: ({ r }) => r.at,
  to: 'app.readings',
  targetKey: 'at',
  columns: ({ r }) => ({ at: r.at, value: r.value }),
  dropped: ['previous'],
})

const days = m.map('days', {
  from: (db) => db.selectFrom('legacy.days as d'),
  key: ({ d }) => d.day,
  to: 'app.days',
  columns: ({ d }) => ({ day: d.day, first_at: ref(d.first_at, readings).orNull() }),
})

export default m.migration([readings, days])
