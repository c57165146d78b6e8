import { sql } from 'drover'
import { m } from '../migration/base.ts'
import { clinics } from '../migration/clinics.ts'
import { columnMappings } from '../migration/column-mappings.ts'
import { googleCredentials } from '../migration/credentials.ts'
import { dashboards, widgets } from '../migration/dashboards.ts'
import { metricDefinitions } from '../migration/definitions.ts'
import { goals } from '../migration/goals.ts'
import { providers } from '../migration/providers.ts'
import { connectionSheets, spreadsheetConnections } from '../migration/spreadsheets.ts'
import { authIdentities, authUsers, profiles, userClinicRoles } from '../migration/users.ts'
import { metricValues } from '../migration/values.ts'
import { type Change, type Copied, together, untoldChanges } from './changes.ts'

const stamps = { created_at: 'created_at', updated_at: 'updated_at' }

/** The times of each table, each with the legacy one that it is. */
const timed: readonly (readonly [Copied, Readonly<Record<string, string>>])[] = [
  [{ mapping: clinics, from: 'legacy.clinics', to: 'public.clinics' }, stamps],
  [
    { mapping: authUsers, from: 'legacy.users', to: 'auth.users' },
    { ...stamps, last_sign_in_at: 'last_login' },
  ],
  [
    { mapping: authIdentities, from: 'legacy.users', to: 'auth.identities' },
    { ...stamps, last_sign_in_at: 'last_login' },
  ],
  [
    { mapping: profiles, from: 'legacy.users', to: 'public.profiles' },
    { ...stamps, last_login_at: 'last_login' },
  ],
  [{ mapping: userClinicRoles, from: 'legacy.users', to: 'public.user_clinic_roles' }, stamps],
  [{ mapping: providers, from: 'legacy.providers', to: 'public.providers' }, stamps],
  [{ mapping: metricDefinitions, from: 'legacy.metric_definitions', to: 'public.metric_definitions' }, stamps],
  [
    { mapping: googleCredentials, from: 'legacy.data_sources', to: 'public.google_credentials' },
    { ...stamps, expires_at: 'expiry_date' },
  ],
  [{ mapping: spreadsheetConnections, from: 'legacy.data_sources', to: 'public.spreadsheet_connections' }, stamps],
  [
    { mapping: connectionSheets, from: 'legacy.data_sources', to: 'public.connection_sheets' },
    { last_synced_at: 'last_synced_at' },
  ],
  [{ mapping: columnMappings, from: 'legacy.column_mappings', to: 'public.column_mappings' }, stamps],
  [
    { mapping: metricValues, from: 'legacy.metric_values', to: 'public.metric_values' },
    { ...stamps, observed_at: 'date' },
  ],
  [{ mapping: goals, from: 'legacy.goals', to: 'public.goals' }, stamps],
  [{ mapping: dashboards, from: 'legacy.dashboards', to: 'public.dashboards' }, stamps],
  [{ mapping: widgets, from: 'legacy.widgets', to: 'public.widgets' }, stamps],
]

/** Legacy times mean UTC, and are the same to the millisecond, but for those of which the ledger keeps the original. */
export const sameTimes = m.assertNone(
  'times are the legacy ones in UTC',
  (db) =>
    together(
      timed.map(([copied, columns]) => {
        const changes = Object.entries(columns).map(([column, was]): Change => {
          const original = sql.ref(`l.${was}`)
          return {
            column,
            original,
            isChanged: sql`${sql.ref(`t.${column}`)} is distinct from ${original} at time zone 'UTC'`,
          }
        })
        return untoldChanges(db, copied, changes)
      }),
    ),
  { key: ['mapping', 'source_key', 'column_name'] },
)
