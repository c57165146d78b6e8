import type { Blueprint } from './blueprint.ts'
import { legacyId, missingId } from './ids.ts'
import { definitions } from './metric-definitions.ts'
import { drawsFor } from './random.ts'
import { work } from './sql-text.ts'

/**
 * Dashboards, in this order: one for each user who can own one, which is the default unless the user is a duplicate;
 * further ones; second defaults of the first users, in turns newer and older than the first; those whose owner is gone.
 * Users without a usable address, without a clinic or above all clinics own none.
 */
export function dashboardStatements({ seed, rows, defects }: Blueprint): string[] {
  const firstOrphan = rows.dashboards - defects['dashboards/orphan'] + 1
  const firstSecond = firstOrphan - defects['dashboards/second-default']
  const draws = drawsFor(seed, 'dashboards', 'dashboard.number')
  const pinned = `1 + dashboard.number % ${definitions.length}`
  return [
    `create unlogged table ${work}.dashboards as
    with owners as (
      select
        id,
        defect is distinct from 'case-duplicate' as may_default,
        -- Duplicates last: the first owners are those who can have a second default.
        row_number() over (order by defect is not distinct from 'case-duplicate', number) as turn,
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
          jsonb_build_object(
            'columns', 12,
            'pinned', jsonb_build_array((select id from ${work}.definitions where number = ${pinned}))
          )
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
