import { blankToNull, constant, defineMigration, derivedUuid, ref, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// One table becomes three: a mapping for each, over the same rows.
const customers = m.map('customers', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  to: 'app.customers',
  columns: ({ c }) => ({ id: derivedUuid(c.id), name: c.name }),
})

const addresses = m.map('addresses', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  where: ({ c }) => sql`coalesce(${c.street}, ${c.city}) is not null`,
  to: 'app.addresses',
  columns: ({ c }) => ({
    id: derivedUuid(c.id, { entity: 'address' }),
    customer_id: ref(c.id, customers).orQuarantine(),
    street: c.street,
    city: required(blankToNull(c.city)).orQuarantine('no-city'),
  }),
})

const subscriptions = m.map('subscriptions', {
  from: (db) => db.selectFrom('legacy.customers as c'),
  key: ({ c }) => c.id,
  where: ({ c }) => c.newsletter,
  to: 'app.subscriptions',
  targetKey: 'customer_id',
  columns: ({ c }) => ({ customer_id: ref(c.id, customers).orQuarantine(), topic: constant('news') }),
})

export default m.migration([customers, addresses, subscriptions])
