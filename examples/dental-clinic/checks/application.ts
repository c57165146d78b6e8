import type { DeclaredCheck } from 'drover'
import { applicationProbe } from './application/probe.ts'
import { aggregatedMetrics } from './application/questions/aggregates.ts'
import { clinicStatistics, clinics } from './application/questions/clinics.ts'
import { clinicDashboard } from './application/questions/dashboard-data.ts'
import { metricDefinitions } from './application/questions/definitions.ts'
import { goalById, goals, goalsByTemplate, providerGoals } from './application/questions/goals.ts'
import { metrics } from './application/questions/metrics.ts'
import { clinicProviders, providersPaginated } from './application/questions/providers.ts'
import { authContext, switchClinic } from './application/questions/session.ts'
import { dataSources, syncHistory } from './application/questions/sources.ts'
import { metricStatistics } from './application/questions/statistics.ts'
import { search, userById, users, usersByClinic } from './application/questions/users.ts'

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
