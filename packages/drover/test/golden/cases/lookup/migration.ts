import {
  decimal,
  defineMigration,
  derivedUuid,
  instant,
  lookup,
  ref,
  required,
  sql,
  type text,
  withDefault,
} from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const shops = m.map('shops', {
  from: (db) => db.selectFrom('legacy.shops as s'),
  key: ({ s }) => s.id,
  to: 'app.shops',
  columns: ({ s }) => ({
    id: derivedUuid(s.id),
    currency: sql<text>`upper(${required(s.currency).orQuarantine('no-currency')} collate "C")`,
    zone: s.zone,
  }),
})

// #region lookup
const sales = m.map('sales', {
  from: (db) => db.selectFrom('legacy.sales as s'),
  key: ({ s }) => s.id,
  to: 'app.sales',
  columns: ({ s }) => {
    const shop = ref(s.shop_id, shops).orQuarantine()
    const currency = withDefault(lookup(shop, shops, 'currency'), 'EUR', 'default-currency')
    const locale = sql<text>`case ${currency} when 'EUR' then 'eu' when 'CHF' then 'ch' else 'en' end`
    return {
      id: s.id,
      shop_id: shop,
      amount: decimal(s.amount, { locale, scale: 2 }).orQuarantine('no-amount'),
      currency,
      sold_at: instant(s.sold_at, { zone: sql`coalesce(${lookup(shop, shops, 'zone')}, 'UTC')` }).orQuarantine(),
    }
  },
})
// #endregion

export default m.migration([shops, sales])
