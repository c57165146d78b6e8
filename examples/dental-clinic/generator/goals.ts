import type { Blueprint } from './blueprint.ts'
import { legacyId } from './ids.ts'
import { definitions } from './metric-definitions.ts'
import { type Draws, drawsFor } from './random.ts'
import { allotSlots, slotRelation } from './slots.ts'
import { intArray, work } from './sql-text.ts'

/** Every definition but dates can have a goal. */
const goalDefinitions = definitions.flatMap(({ dataType }, index) => (dataType === 'date' ? [] : [index + 1]))

/**
 * Goals, the defects first. No two have the same clinic (after the merge), provider, definition and time span: of those
 * that agree in all but the span, each takes the span before the last one's, from a common start.
 */
export function goalStatements({ seed, rows, clinics, defects }: Blueprint): string[] {
  const kinds = ['reversed', 'unscoped', 'unparsable', 'annual', 'provider-only'] as const
  const slots = allotSlots(
    1,
    kinds.map((name) => ({ name, count: defects[`goals/${name}`] })),
  )
  const draws = drawsFor(seed, 'goals', 'goal.number')
  const series = drawsFor(seed, 'goal_series', '(survivor * 1000000 + coalesce(provider, 0) * 100 + definition)')
  return [
    `create unlogged table ${work}.goals as
    with homes as (
      select
        clinic.number,
        clinic.survivor,
        array(
          select provider.number
          from ${work}.providers as provider
          where provider.clinic = clinic.number
          order by provider.number
        ) as providers
      from ${work}.clinics as clinic
    ),
    numbered as (
      select
        goal.number,
        slot.name as defect,
        1 + goal.number - slot.first as place,
        1 + ${draws.below('clinic', clinics.length)} as clinic
      from generate_series(1, ${rows.goals}) as goal (number)
      left join ${slotRelation(slots)} on goal.number between slot.first and slot.last
    ),
    drawn as (
      select
        goal.*,
        home.survivor,
        case
          when defect = 'provider-only'
            or (defect is distinct from 'unscoped' and ${draws.uniform('has_provider')} < 0.4)
          then home.providers[1 + ${draws.below('provider', 'cardinality(home.providers)')}]
        end as provider,
        (${intArray(goalDefinitions)})[1 + ${draws.below('definition', goalDefinitions.length)}]
          as definition,
        (array['daily', 'weekly', 'monthly', 'quarterly', 'yearly'])[
          case defect
            when 'annual' then 5
            when 'reversed' then 1 + ${draws.weighted('period', [25, 50, 25])}
            else ${draws.weighted('period', [10, 20, 45, 20, 5])}
          end
        ] as period
      from numbered as goal
      join homes as home on home.number = goal.clinic
    ),
    spaced as (
      select
        drawn.*,
        row_number() over (partition by survivor, provider, definition, period order by number) - 1 as turn
      from drawn
    )
    select
      number,
      ${legacyId(seed, 'goals', 'number')} as id,
      defect,
      place,
      clinic,
      provider,
      definition,
      period,
      case period
        when 'daily' then timestamp '2025-06-30' - (turn + ${series.below('daily', 400)}) * interval '1 day'
        when 'weekly' then timestamp '2025-06-29' - (turn + ${series.below('weekly', 100)}) * interval '7 days'
        when 'monthly' then timestamp '2025-07-01' - (turn + ${series.below('monthly', 24)}) * interval '1 month'
        when 'quarterly' then timestamp '2025-07-01' - (turn + ${series.below('quarterly', 8)}) * interval '3 months'
        when 'yearly' then timestamp '2025-01-01' - (turn + ${series.below('yearly', 3)}) * interval '1 year'
      end as starts
    from spaced`,
    `analyze ${work}.goals`,

    `insert into legacy.goals (
      id, time_period, start_date, end_date, target_value, metric_definition_id, clinic_id, provider_id, created_at,
      updated_at
    )
    select
      goal.id,
      case when goal.defect = 'annual' then 'annual' else period end,
      case when goal.defect = 'reversed' then ends else starts end,
      case when goal.defect = 'reversed' then starts else ends end,
      case
        when goal.defect = 'unparsable' then (array['TBD', 'as last year', 'N/A', 'tba', '?'])[1 + goal.place % 5]
        else ${target(draws)}
      end,
      definition.id,
      case when goal.defect in ('unscoped', 'provider-only') then null else clinic.id end,
      provider.id,
      created_at,
      created_at
    from ${work}.goals as goal
    join ${work}.clinics as clinic on clinic.number = goal.clinic
    join ${work}.definitions as definition on definition.number = goal.definition
    left join ${work}.providers as provider on provider.number = goal.provider
    cross join lateral (
      select
        starts
          + case period
            when 'daily' then interval '1 day'
            when 'weekly' then interval '7 days'
            when 'monthly' then interval '1 month'
            when 'quarterly' then interval '3 months'
            when 'yearly' then interval '1 year'
          end
          - interval '1 day' as ends,
        least(starts - interval '6 days', timestamp '2025-05-20')
          + ${draws.below('created_at', 86_400_000)} * interval '1 ms' as created_at
    ) as dated`,
  ]
}

function target(draws: Draws): string {
  return `case definition.data_type
          when 'percentage' then (60 + ${draws.below('target', 40)})::text
          when 'integer' then (5 + ${draws.below('target', 200)})::text
          else round((1000 + ${draws.below('target', 9_000_000)} / 100.0)::numeric, 2)::text
        end`
}
