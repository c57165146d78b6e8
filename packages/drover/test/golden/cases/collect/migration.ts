import { collect, defineMigration, type jsonb, newest, oldest, quarantineWhen, sql } from 'drover'
import type { App } from './app.types.ts'
import type { Legacy } from './legacy.types.ts'

const m = defineMigration<Legacy, App>({ name: 'shop', cutover: '2025-06-01T00:00:00Z' })

// #region collect
const shops = m.map('shops', {
  from: (db) => db.selectFrom('legacy.opening_hours as h'),
  key: ({ h }) => h.id,
  identity: ({ h }) => [h.shop],
  to: 'app.shops',
  targetKey: 'name',
  columns: ({ h }) => ({
    name: h.shop,
    hours: collect(sql`jsonb_build_object('weekday', ${h.weekday}, 'opens', ${h.opens})`, {
      orderBy: oldest(h.weekday),
      distinct: [h.weekday],
      keep: newest(h.changed_at),
    }),
    weekdays: quarantineWhen<jsonb>(
      collect(h.weekday, { orderBy: newest(h.weekday) }),
      'no-such-day',
      sql`${h.weekday} not between 1 and 7`,
    ),
  }),
})
// #endregion

export default m.migration([shops])
