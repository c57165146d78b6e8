import { work } from '../sql-text.ts'
import type { OutcomeQuery } from './query.ts'

/** Of two defaults the newer stays; the other is kept as an ordinary dashboard. */
const olderDefaults = `
  select case when second.created_at > first.created_at then first.id else second.id end, 'corrected', 'second-default'
  from ${work}.dashboards as plan
  join legacy.dashboards as second on second.id = plan.id
  join legacy.dashboards as first on first.user_id = second.user_id and first.is_default and first.id <> second.id
  where plan.defect = 'second-default'`

export const dashboardOutcomes: Readonly<Record<string, OutcomeQuery>> = {
  dashboards: {
    source: 'dashboards',
    exceptions: `
      select id, 'quarantined' as kind, 'orphan-user' as detail from ${work}.dashboards where defect = 'orphan'
      union all ${olderDefaults}`,
  },
  widgets: {
    source: 'widgets',
    exceptions: `select id, 'quarantined' as kind, 'waiting' as detail from ${work}.widgets where is_of_orphan`,
  },
}
