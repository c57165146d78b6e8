import { crosswalk, defineMigration, type int8, lowerTrim, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  identity: (_, to) => [to.email],
  to: 'app.customers',
  columns: ({ c }) => ({ id: c.id, email: lowerTrim(c.email) }),
})

// #region crosswalk
const balances = m.map('balances', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('legacy.points as p')
        .leftJoin(crosswalk(customers, 'x'), (join) => join.on(sql<boolean>`x.source_key = p.customer_id::text`))
        .select(({ ref }) => ['x.id as customer_id', sql<int8>`sum(${ref('p.points')})`.as('points')])
        .groupBy('x.id')
        .as('b'),
    ),
  key: ({ b }) => sql`coalesce(${b.customer_id}::text, 'nobody')`,
  to: 'app.balances',
  targetKey: 'customer_id',
  columns: ({ b }) => ({ customer_id: required(b.customer_id).orQuarantine('no-customer'), points: b.points }),
})
// #endregion

export default m.migration([customers, balances])
