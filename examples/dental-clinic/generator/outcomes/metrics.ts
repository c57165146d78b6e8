import { work } from '../sql-text.ts'
import { accounts, holders } from './people.ts'
import { noExceptions, type OutcomeQuery } from './query.ts'

/**
 * Of the rows with one natural key the one updated last is kept, then the lowest id. The key's parts are equal by
 * construction: a duplicate repeats its original but for the id and, where it conflicts, the value.
 */
export const valueMerges = `
  select id, 'merged' as kind, survivor as detail
  from (
    select
      special.id,
      first_value(special.id) over (
        partition by coalesce(special.original, special.number)
        order by value.updated_at desc, special.id collate "C"
      ) as survivor
    from ${work}.value_plan as special
    join legacy.metric_values as value on value.id = special.id
    where special.outcome = 'merged'
  ) as ranked
  where id <> survivor`

const plannedValues = `
  select id, split_part(outcome, ' ', 1), split_part(outcome, ' ', 2)
  from ${work}.value_plan
  where outcome not in ('loaded', 'merged')`

/** A goal's owner is its provider's login, else the clinic's administrator if there is only one. */
const ownerlessGoals = `
  select goal.id, 'noted', 'no-owner'
  from ${work}.goals as goal
  join ${work}.clinics as clinic on clinic.number = goal.clinic
  where goal.defect is distinct from 'unscoped'
    and goal.defect is distinct from 'unparsable'
    and not exists (
      select from ${work}.logins as login where login.provider = goal.provider
    )
    and 1 <> (
      select count(*)
      from holders
      where holders.id = holder and means = 'clinic_admin' and merged_clinic = clinic.survivor
    )`

export const metricOutcomes: Readonly<Record<string, OutcomeQuery>> = {
  metric_definitions: { source: 'metric_definitions', exceptions: noExceptions },
  metric_values: { source: 'metric_values', exceptions: `${valueMerges} union all ${plannedValues}` },
  goals: {
    source: 'goals',
    exceptions: `with ${accounts}, ${holders}
      select id, split_part(outcome, ' ', 1) as kind, split_part(outcome, ' ', 2) as detail
      from ${work}.goals
      join (values
        ('reversed', 'corrected reversed-range'),
        ('unscoped', 'quarantined no-clinic'),
        ('unparsable', 'quarantined not-a-number'),
        ('annual', 'corrected alias'),
        ('provider-only', 'corrected derived-clinic')
      ) as outcomes (defect, outcome) using (defect)
      union all ${ownerlessGoals}`,
  },
}
