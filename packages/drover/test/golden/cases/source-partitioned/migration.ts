import { decimal, defineMigration, required } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const readings = m.map('readings', {
  from: (db) => db.selectFrom('legacy.readings as r'),
  key: ({ r }) => [r.day, r.sensor],
  to: 'app.readings',
  targetKey: 'day',
  columns: ({ r }) => ({
    day: r.day,
    sensor: r.sensor,
    value: decimal(required(r.value).orQuarantine('no-value')).orQuarantine(),
  }),
})

export default m.migration([readings])
