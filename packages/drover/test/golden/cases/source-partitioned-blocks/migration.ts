import { decimal, defineMigration, oneOf, required, sql, squish, type text } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({
  name: 'weather',
  cutover: '2025-06-01T00:00:00Z',
  source: { freeze: 'block' },
})

const readings = m.map('readings', {
  from: (db) => db.selectFrom('legacy.readings as r'),
  key: ({ r }) => [r.day, r.sensor],
  to: 'app.readings',
  targetKey: 'day',
  secret: ['secret'],
  dropped: ['secret'],
  columns: ({ r }) => ({
    day: r.day,
    sensor: r.sensor,
    value: required(decimal(squish(r.value)).orQuarantine()).orQuarantine('no-value'),
    unit: oneOf(sql<text>`${r.raw} ->> 'unit'`, ['C', 'F']).orNull(),
  }),
})

export default m.migration([readings])
