import { blankToNull, constant, defineMigration, quarantineWhen, required, sql, squish, withDefault } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region required-columns
const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  to: 'app.customers',
  columns: ({ c }) => ({
    id: c.id,
    name: required(blankToNull(squish(c.name))).orQuarantine('no-name'),
    email: c.email, // may be null on both sides
    phone: required(c.phone).orElse('unknown', 'no-phone'),
    country: withDefault(c.country, 'DE'),
    points: quarantineWhen(withDefault(c.points, 0), 'negative-points', sql`${c.points} < 0`),
    active: constant(true),
  }), // `tier` is left to the column's own default
})
// #endregion

export default m.migration([customers])
