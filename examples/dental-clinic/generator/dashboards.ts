import type { Blueprint } from './blueprint.ts'
import { legacyId, missingId } from './ids.ts'
import { definitions } from './metric-definitions.ts'
import { drawsFor } from './random.ts'
import { work } from './sql-text.ts'

/** Widgets of each dashboard without an owner. */
const widgetsPerOrphan = 4

/**
 * Dashboards, in this order: one for each user who can own one, which is the default unless the user is a duplicate;
 * further ones; second defaults of the first users, in turns newer and older than the first; those whose owner is gone.
 * Users without a usable address, without a clinic or above all clinics own none.
 */
export function dashboardStatements({ seed, rows, defects }: Blueprint): string[] {
  const firstOrphan = rows.dashboards - defects['dashboards/orphan'] + 1
  const firstSecond = firstOrphan - defects['dashboards/second-default']
  const draws = drawsFor(seed, 'dashboards', 'dashboard.number')
  const layoutDefinition = `(select id from ${work}.definitions where number = 1 + dashboard.number % ${definitions.length})`
  return [
    `create unlogged table ${work}.dashboards as
    with owners as (
      select
        id,
        defect is distinct from 'case-duplicate' as may_default,
        row_number() over (order by number) as turn,
        count(*) over () as owners
      from ${work}.users
      where defect is null
        or defect not in ('invalid-email', 'blank-email', 'system-admin', 'orphan-clinic')
    ),
    numbered as (
      select
        dashboard.number,
        case
          when dashboard.number >= ${firstOrphan} then 'orphan'
          when dashboard.number >= ${firstSecond} then 'second-default'
        end as defect,
        case
          when dashboard.number >= ${firstOrphan} then null
          when dashboard.number >= ${firstSecond} then dashboard.number - ${firstSecond} + 1
          when dashboard.number <= supply.owners then dashboard.number
          else 1 + ${draws.below('owner', 'supply.owners')}
        end as owner_turn
      from generate_series(1, ${rows.dashboards}) as dashboard (number)
      cross join (select count(*) as owners from owners) as supply
    )
    select
      numbered.number,
      ${legacyId(seed, 'dashboards', 'numbered.number')} as id,
      numbered.defect,
      owner.id as owner_id,
      owner_turn,
      coalesce(numbered.defect = 'second-default' or (owner.may_default and numbered.number <= owner.owners), false)
        as is_default
    from numbered
    left join owners as owner on owner.turn = owner_turn`,

    `insert into legacy.dashboards (id, name, is_default, layout_config, user_id, created_at, updated_at)
    select
      dashboard.id,
      ${draws.pick('name', ['Overview', 'Production', 'Hygiene', 'Front desk', 'Month end'])},
      dashboard.is_default,
      case
        when ${draws.uniform('layout')} < 0.9 then
          jsonb_build_object('columns', 12, 'pinned', jsonb_build_array(${layoutDefinition}))
      end,
      coalesce(dashboard.owner_id, ${missingId('users', 'dashboard.number')}),
      created_at,
      created_at + ${draws.below('updated_at', 48)} * interval '1 hour'
    from ${work}.dashboards as dashboard
    cross join lateral (
      select
        case
          -- Beside the owner's first dashboard, which has the number of his turn.
          when dashboard.defect = 'second-default' then
            ${firstCreated(seed, 'dashboard.owner_turn')}
              + case when dashboard.owner_turn % 2 = 1 then interval '40 days' else interval '-40 days' end
          else ${firstCreated(seed, 'dashboard.number')}
        end as created_at
    ) as dated`,
  ]
}

function firstCreated(seed: number, number: string): string {
  const seconds = drawsFor(seed, 'dashboards', number).below('created_at', 700 * 86_400)
  return `(timestamp '2022-09-01 07:00' + ${seconds} * interval '1 second')`
}

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
        when widget.number >= ${firstOfOrphan} then ${owned} + 1 + (widget.number - ${firstOfOrphan}) / ${widgetsPerOrphan}
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
