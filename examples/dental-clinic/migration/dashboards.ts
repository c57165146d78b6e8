import {
  asObject,
  blankToNull,
  type bool,
  correctedWhen,
  crosswalk,
  type Expression,
  type int4,
  type jsonb,
  oneOf,
  ref,
  rewriteIds,
  sql,
  squish,
  withDefault,
} from 'drover'
import type { PublicChartType, PublicDashboardVisibility } from '../app.types.ts'
import { idOf, m, stamps } from './base.ts'
import { clinics } from './clinics.ts'
import { metricDefinitions } from './definitions.ts'
import { providers } from './providers.ts'
import { isSystemAdmin, profiles } from './users.ts'

/** What layouts and configurations refer to, by the names of the members that hold the ids. */
const embeddedIds = {
  clinicId: clinics,
  userId: profiles,
  providerId: providers,
  metricDefinitionId: metricDefinitions,
  pinned: metricDefinitions,
}

/** A layout or configuration with the new ids; one that leads nowhere stays as it is, and is noted. */
const documentOf = (document: Expression<jsonb | null>) =>
  rewriteIds(asObject(document, { key: 'value' }), embeddedIds).orKeep('orphan-id')

/**
 * Dashboards, shared with the clinic of the user who made them, as everybody saw them so far. Of several defaults that one
 * owner has in one clinic the newest stays: that needs a look at all of them, hence the stored query.
 */
export const dashboards = m.map('dashboards', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('legacy.dashboards as d')
        .leftJoin('legacy.users as u', 'u.id', 'd.user_id')
        .leftJoin(crosswalk(profiles, 'owner'), 'owner.source_key', 'd.user_id')
        .leftJoin(crosswalk(clinics, 'home'), (join) =>
          join
            .onRef('home.source_key', '=', 'u.clinic_id')
            .on(({ ref }) => sql<boolean>`not ${isSystemAdmin({ role: ref('u.role') })}`),
        )
        .selectAll('d')
        .select([
          'home.id as clinic_id',
          sql<bool>`row_number() over (
            partition by owner.id, home.id, d.is_default order by d.created_at desc, d.id collate "C"
          ) = 1`.as('is_newest'),
        ])
        .as('d'),
    ),
  key: ({ d }) => d.id,
  to: 'public.dashboards',
  columns: ({ d }) => ({
    id: idOf('dashboards', d.id),
    owner_id: ref(d.user_id, profiles).orQuarantine('orphan-user'),
    clinic_id: d.clinic_id,
    name: withDefault(blankToNull(squish(d.name)), 'Dashboard', 'no-name'),
    is_default: correctedWhen(
      sql<bool>`${d.is_default} and ${d.is_newest}`,
      'second-default',
      sql`${d.is_default} and not ${d.is_newest}`,
      d.is_default,
    ),
    visibility: sql<PublicDashboardVisibility>`case when ${d.clinic_id} is null then 'private' else 'clinic' end`,
    layout: documentOf(d.layout_config),
    ...stamps(d),
  }),
})

/** A place or a size, taken to the least that the new schema allows. */
const atLeast = (minimum: number, x: Expression<int4>, code: string) =>
  correctedWhen(sql<int4>`greatest(${x}, ${sql.lit(minimum)})`, code, sql`${x} < ${sql.lit(minimum)}`, x)

/** Widgets. A chart has a type, and nothing else has one. */
export const widgets = m.map('widgets', {
  from: (db) => db.selectFrom('legacy.widgets as w'),
  key: ({ w }) => w.id,
  to: 'public.widgets',
  columns: ({ w }) => {
    const type = oneOf(w.widget_type, ['chart', 'counter', 'table']).orQuarantine('unknown-widget-type')
    const isChart = sql`${type} = 'chart'`
    const drawn = blankToNull(sql<string | null>`case when ${isChart} then ${w.chart_type} end`)
    const chartType = oneOf(drawn, ['line', 'bar', 'pie', 'area', 'doughnut', 'scatter']).orElse(
      'line',
      'unknown-chart-type',
    )
    const chart = correctedWhen(
      sql<PublicChartType | null>`case when ${isChart} then coalesce(${chartType}, 'line') end`,
      'no-chart-type',
      sql`${isChart} and ${drawn} is null`,
      w.chart_type,
    )
    return {
      id: idOf('widgets', w.id),
      dashboard_id: ref(w.dashboard_id, dashboards).orQuarantine('orphan-dashboard'),
      metric_definition_id: ref(w.metric_definition_id, metricDefinitions).orNull('orphan-definition'),
      widget_type: type,
      chart_type: correctedWhen(
        chart,
        'no-chart',
        sql`not (${isChart}) and ${blankToNull(w.chart_type)} is not null`,
        w.chart_type,
      ),
      position_x: atLeast(0, w.position_x, 'negative-position'),
      position_y: atLeast(0, w.position_y, 'negative-position'),
      width: atLeast(1, w.width, 'no-size'),
      height: atLeast(1, w.height, 'no-size'),
      config: documentOf(w.config),
      ...stamps(w),
    }
  },
})
