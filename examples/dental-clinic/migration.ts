import { m } from './migration/base.ts'
import { clinics, locations } from './migration/clinics.ts'
import { metricDefinitions } from './migration/definitions.ts'
import { providerLocations, providerStandIns, providers } from './migration/providers.ts'
import { connectionSheets, spreadsheetConnections } from './migration/spreadsheets.ts'
import { authIdentities, authUsers, profiles, userClinicRoles } from './migration/users.ts'
import { metricValues } from './migration/values.ts'

export default m.migration([
  clinics,
  authUsers,
  authIdentities,
  profiles,
  userClinicRoles,
  locations,
  providers,
  providerLocations,
  metricDefinitions,
  spreadsheetConnections,
  connectionSheets,
  providerStandIns,
  metricValues,
])
