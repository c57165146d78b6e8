import { dashboardOutcomes } from './dashboards.ts'
import { integrationOutcomes } from './integrations.ts'
import { metricOutcomes } from './metrics.ts'
import { peopleOutcomes } from './people.ts'
import type { OutcomeQuery } from './query.ts'

/** By mapping. Mappings that read from no single legacy table are not among them. */
export const outcomeQueries: Readonly<Record<string, OutcomeQuery>> = {
  ...peopleOutcomes,
  ...integrationOutcomes,
  ...metricOutcomes,
  ...dashboardOutcomes,
}
