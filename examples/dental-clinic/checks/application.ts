import type { DeclaredCheck } from 'drover'
import { applicationProbe } from './application/probe.ts'
import { aggregatedMetrics } from './application/questions/aggregated-metrics.ts'
import { clinicDashboard } from './application/questions/clinic-dashboard.ts'
import { clinicProviders } from './application/questions/clinic-providers.ts'
import { clinicStatistics } from './application/questions/clinic-statistics.ts'
import { clinics } from './application/questions/clinics.ts'
import { dataSources } from './application/questions/data-sources.ts'
import { goalById } from './application/questions/goal-by-id.ts'
import { goals } from './application/questions/goals.ts'
import { goalsByTemplate } from './application/questions/goals-by-template.ts'
import { metricDefinitions } from './application/questions/metric-definitions.ts'
import { metricStatistics } from './application/questions/metric-statistics.ts'
import { metrics } from './application/questions/metrics.ts'
import { providersPaginated } from './application/questions/pages-of-providers.ts'
import { providerGoals } from './application/questions/provider-goals.ts'
import { search } from './application/questions/search.ts'
import { authContext, switchClinic } from './application/questions/session.ts'
import { syncHistory } from './application/questions/sync-history.ts'
import { userById } from './application/questions/user-by-id.ts'
import { users, usersByClinic } from './application/questions/users.ts'

/**
 * What the application asks, with its own client: the legacy schema through the client that the application had, the new
 * one through the client that it has now. Answers must be the same, but for what the migration has decided.
 */
export const applicationProbes: readonly DeclaredCheck[] = [
  applicationProbe('who signs in', authContext),
  applicationProbe('switching clinics', switchClinic),
  applicationProbe('list of users', users),
  applicationProbe('members of a clinic', usersByClinic),
  applicationProbe('search', search),
  applicationProbe('a user with his dashboards', userById),
  applicationProbe('list of clinics', clinics),
  applicationProbe('statistics of a clinic', clinicStatistics),
  applicationProbe('dashboard of a clinic', clinicDashboard),
  applicationProbe('providers of a clinic', clinicProviders),
  applicationProbe('pages of providers', providersPaginated),
  applicationProbe('catalogue of metrics', metricDefinitions),
  applicationProbe('values of metrics', metrics),
  applicationProbe('statistics of metrics', metricStatistics),
  applicationProbe('totals of metrics', aggregatedMetrics),
  applicationProbe('goals of a clinic', goals),
  applicationProbe('a goal and its progress', goalById),
  applicationProbe('goals by template', goalsByTemplate),
  applicationProbe('goals of a provider', providerGoals),
  applicationProbe('data sources', dataSources),
  applicationProbe('history of a data source', syncHistory),
]
