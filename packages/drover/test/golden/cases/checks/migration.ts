import { corrections, crosswalk, decimal, defineMigration, derivedUuid, quarantined, ref, required, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

const shops = m.map('shops', {
  from: (db) => db.selectFrom('legacy.shops as s'),
  key: ({ s }) => s.id,
  to: 'app.shops',
  columns: ({ s }) => ({ id: derivedUuid(s.id), city: s.city }),
})

const sales = m.map('sales', {
  from: (db) => db.selectFrom('legacy.sales as s'),
  key: ({ s }) => s.id,
  to: 'app.sales',
  columns: ({ s }) => ({
    id: derivedUuid(s.id),
    shop_id: required(ref(s.shop, shops).orQuarantine()).orQuarantine('no-shop'),
    amount: required(decimal(s.amount, { scale: 2 }).orQuarantine('not-an-amount')).orQuarantine('no-amount'),
    sold_on: s.sold_on,
  }),
})

const paid = m.assertNone('every sale is paid for', (db) =>
  db.selectFrom('app.sales as s').where('s.amount', '<=', sql<never>`0`).select(['s.id', 's.amount']),
)

const amounts = m.assertNone(
  'hardly any amount is set aside, and none is corrected',
  (db) =>
    db
      .selectFrom(quarantined(sales, 'q'))
      .where('q.code', '<>', 'not-an-amount')
      .select(['q.source_key as sale', 'q.code'])
      .$castTo<{ sale: string | null; code: string }>()
      .unionAll(db.selectFrom(corrections(sales, 'c')).select(['c.source_key as sale', 'c.code'])),
  { allow: { percent: 20 }, of: (db) => db.selectFrom('legacy.sales as s').select('s.id') },
)

const turnover = m.parity('what each shop takes each month', {
  source: (db) =>
    db
      .selectFrom('legacy.sales as s')
      .innerJoin(crosswalk(shops, 'x'), 'x.source_key', 's.shop')
      .where('s.amount', '<>', 'unknown')
      .groupBy(['x.id', sql`date_trunc('month', s.sold_on)`])
      .select(['x.id as shop', sql<string>`date_trunc('month', s.sold_on)`.as('month')])
      .select(sql<string>`sum(s.amount::numeric)`.as('taken')),
  target: (db) =>
    db
      .selectFrom('app.sales as s')
      .groupBy(['s.shop_id', sql`date_trunc('month', s.sold_on)`])
      .select(['s.shop_id as shop', sql<string>`date_trunc('month', s.sold_on)`.as('month')])
      .select(sql<string>`sum(s.amount)`.as('taken')),
  key: ['shop', 'month'],
  tolerance: { taken: '0.01' },
})

const cities = m.parity('the cities', {
  source: (db) => db.selectFrom('legacy.shops as s').select('s.city'),
  target: (db) => db.selectFrom('app.shops as s').select('s.city'),
})

export default m.migration([shops, sales], { checks: [paid, amounts, turnover, cities] })
