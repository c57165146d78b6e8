import { checks } from './checks/index.ts'
import { metricAggregations } from './migration/aggregations.ts'
import { m } from './migration/base.ts'
import { clinics, locations } from './migration/clinics.ts'
import { columnMappings } from './migration/column-mappings.ts'
import { googleCredentials } from './migration/credentials.ts'
import { dashboards, widgets } from './migration/dashboards.ts'
import { metricDefinitions } from './migration/definitions.ts'
import { goals } from './migration/goals.ts'
import { providerLocations, providers } from './migration/providers.ts'
import { connectionSheets, spreadsheetConnections } from './migration/spreadsheets.ts'
import { providerStandIns } from './migration/stand-ins.ts'
import { authIdentities, authUsers, profiles, userClinicRoles } from './migration/users.ts'
import { metricValues } from './migration/values.ts'

export default m.migration(
  [
    clinics,
    authUsers,
    authIdentities,
    profiles,
    userClinicRoles,
    locations,
    providers,
    providerLocations,
    metricDefinitions,
    googleCredentials,
    spreadsheetConnections,
    connectionSheets,
    columnMappings,
    providerStandIns,
    metricValues,
    metricAggregations,
    goals,
    dashboards,
    widgets,
  ],
  { checks },
)
