import { crosswalk, type int8, quarantined, sql, type uuid } from 'drover'
import { m } from '../migration/base.ts'
import { dashboards, widgets } from '../migration/dashboards.ts'
import { profiles } from '../migration/users.ts'
import { loadedRows } from './changes.ts'

const count = sql<int8>`count(*)`

/** Each user has the dashboards of all rows that became him. */
const ofUsers = m.parity('dashboards per user', {
  key: ['user_id'],
  source: (db) =>
    db
      .selectFrom('legacy.dashboards as l')
      .leftJoin(crosswalk(profiles, 'w'), 'w.source_key', 'l.user_id')
      .leftJoin(quarantined(dashboards, 'out'), 'out.source_key', 'l.id')
      .where('out.source_key', 'is', null)
      .groupBy('w.id')
      .select(['w.id as user_id', count.as('dashboards')]),
  target: (db) =>
    db
      .selectFrom('public.dashboards as t')
      .groupBy('t.owner_id')
      .select(['t.owner_id as user_id', count.as('dashboards')]),
})

/** Each dashboard has its widgets, and no others. */
const ofDashboards = m.parity('widgets per dashboard', {
  key: ['dashboard_id'],
  source: (db) =>
    db
      .selectFrom('legacy.widgets as l')
      .leftJoin(crosswalk(dashboards, 'w'), 'w.source_key', 'l.dashboard_id')
      .leftJoin(quarantined(widgets, 'out'), 'out.source_key', 'l.id')
      .where('out.source_key', 'is', null)
      .groupBy('w.id')
      .select(['w.id as dashboard_id', count.as('widgets')]),
  target: (db) =>
    db
      .selectFrom('public.widgets as t')
      .groupBy('t.dashboard_id')
      .select(['t.dashboard_id', count.as('widgets')]),
})

/** Widgets stand where they stood, as large as they were. Only what the new schema does not allow is the least it allows. */
const places = m.assertNone(
  'widgets keep their place and size',
  (db) =>
    loadedRows(db, { mapping: widgets, from: 'legacy.widgets', to: 'public.widgets' })
      .where(
        sql<boolean>`(t.position_x, t.position_y, t.width, t.height) is distinct from
          (greatest(l.position_x, 0), greatest(l.position_y, 0), greatest(l.width, 1), greatest(l.height, 1))`,
      )
      .select([sql<uuid>`t.id`.as('id')]),
  { key: ['id'] },
)

/** Nobody has two default dashboards in one clinic. */
const oneDefault = m.assertNone(
  'one default dashboard per owner and clinic',
  (db) =>
    db
      .selectFrom('public.dashboards as t')
      .where('t.is_default', 'is', true)
      .groupBy(['t.owner_id', 't.clinic_id'])
      .having(sql<boolean>`count(*) > 1`)
      .select(['t.owner_id', 't.clinic_id', count.as('defaults')]),
  { key: ['owner_id', 'clinic_id'] },
)

/** Dashboards and widgets are where they were. */
export const dashboardChecks = [ofUsers, ofDashboards, places, oneDefault]
