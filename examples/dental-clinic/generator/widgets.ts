import type { Blueprint } from './blueprint.ts'
import { legacyId } from './ids.ts'
import { definitions } from './metric-definitions.ts'
import { drawsFor } from './random.ts'
import { work } from './sql-text.ts'

/** Widgets of each dashboard without an owner. */
const widgetsPerOrphan = 4

/** Widgets: four for each dashboard without an owner, the others anywhere else. All of them are well formed. */
export function widgetStatements({ seed, rows, defects }: Blueprint): string[] {
  const owned = rows.dashboards - defects['dashboards/orphan']
  const firstOfOrphan = rows.widgets - widgetsPerOrphan * defects['dashboards/orphan'] + 1
  const draws = drawsFor(seed, 'widgets', 'widget.number')
  return [
    `create unlogged table ${work}.widgets as
    select
      widget.number,
      ${legacyId(seed, 'widgets', 'widget.number')} as id,
      dashboard.id as dashboard_id,
      dashboard.defect is not distinct from 'orphan' as is_of_orphan
    from generate_series(1, ${rows.widgets}) as widget (number)
    join ${work}.dashboards as dashboard
      on dashboard.number = case
        when widget.number >= ${firstOfOrphan} then
          ${owned} + 1 + (widget.number - ${firstOfOrphan}) / ${widgetsPerOrphan}
        else 1 + ${draws.below('dashboard', owned)}
      end`,

    `insert into legacy.widgets (
      id, widget_type, chart_type, position_x, position_y, width, height, config, dashboard_id, metric_definition_id,
      created_at, updated_at
    )
    select
      widget.id,
      widget_type,
      case when widget_type = 'chart' then ${draws.pick('chart_type', ['line', 'bar', 'pie', 'area', 'doughnut'])} end,
      ${draws.below('position_x', 12)},
      ${draws.below('position_y', 40)},
      1 + ${draws.below('width', 6)},
      1 + ${draws.below('height', 4)},
      case
        when ${draws.uniform('config')} < 0.85 then
          jsonb_build_object('title', definition.name, 'metricDefinitionId', definition.id)
      end,
      widget.dashboard_id,
      case when ${draws.uniform('has_definition')} < 0.95 then definition.id end,
      created_at,
      created_at
    from ${work}.widgets as widget
    join ${work}.definitions as definition
      on definition.number = 1 + ${draws.below('definition', definitions.length)}
    cross join lateral (
      select
        ${draws.pick('widget_type', ['chart', 'chart', 'chart', 'counter', 'table'])} as widget_type,
        timestamp '2024-12-01 07:00' + ${draws.below('created_at', 150 * 86_400)} * interval '1 second' as created_at
    ) as drawn`,
  ]
}
