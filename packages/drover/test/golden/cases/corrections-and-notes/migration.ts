import {
  clampToCutover,
  constant,
  correctedWhen,
  decimal,
  defineMigration,
  instant,
  noteWhen,
  oneOf,
  sql,
  type text,
  withDefault,
} from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const products = m.map('products', {
  from: (db) => db.selectFrom('legacy.products as p'),
  key: ({ p }) => p.id,
  to: 'app.products',
  columns: ({ p }) => {
    // #region corrections-and-notes
    const title = sql<text>`initcap(${p.title})`
    const price = withDefault(p.price, '0', 'no-price')
    const currency = oneOf(p.currency, ['EUR', 'USD']).orElse('EUR', 'unknown-currency')
    const updated = clampToCutover(instant(p.updated_at, { zone: 'UTC' }).orQuarantine())
    return {
      id: p.id,
      title: correctedWhen(title, 'shouting', sql`${p.title} = upper(${p.title})`, p.title),
      price: correctedWhen(sql<string>`abs(${price})`, 'negative', sql`${price} < 0`, price),
      currency: withDefault(currency, 'EUR', 'no-currency'),
      weight: decimal(p.weight, { scale: 3 }).orNull('no-weight'),
      origin: constant('legacy'), // noted once, not for each row
      created_at: instant(p.created_at, { zone: 'UTC' }).orQuarantine(),
      updated_at: noteWhen(updated, 'created-after-updated', sql`${p.created_at} > ${p.updated_at}`),
    }
    // #endregion
  },
})

export default m.migration([products])
