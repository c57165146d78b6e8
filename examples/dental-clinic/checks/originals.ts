import { corrections, crosswalk, type Mapping, sql, type text } from 'drover'
import { m } from '../migration/base.ts'
import { clinics, locations } from '../migration/clinics.ts'
import { dashboards, widgets } from '../migration/dashboards.ts'
import { metricDefinitions } from '../migration/definitions.ts'
import { goals } from '../migration/goals.ts'
import { providers } from '../migration/providers.ts'
import { connectionSheets, spreadsheetConnections } from '../migration/spreadsheets.ts'
import { profiles, userClinicRoles } from '../migration/users.ts'
import { metricValues } from '../migration/values.ts'
import { type Change, type Copied, together, untoldChanges } from './changes.ts'

/** A word of a vocabulary: capitals and blanks around it do not matter, any other word is a change. */
const word = (column: string, was = column): Change => {
  const original = sql.ref(`l.${was}`)
  return {
    column,
    original,
    isChanged: sql`${sql.ref(`t.${column}`)}::text is distinct from lower(btrim(${original}))`,
  }
}

/** A text that stands for a blank one. */
const filled = (column: string, was = column): Change => {
  const original = sql.ref(`l.${was}`)
  return { column, original, isChanged: sql`btrim(${original}) = ''` }
}

/** What is taken over as it is. */
const same = (column: string): Change => {
  const original = sql.ref(`l.${column}`)
  return { column, original, isChanged: sql`${sql.ref(`t.${column}`)} is distinct from ${original}` }
}

/** A reference that comes to another row than the one that was named, or to none. */
const reference = (column: string, was: string, named: Mapping): Change => {
  const [now, original, meant] = [sql.ref(`t.${column}`), sql.ref(`l.${was}`), sql.ref(`${column}.id`)]
  const isChanged = sql`${now} is distinct from ${meant} or ${original} is not null and ${now} is null`
  return { column, original, isChanged, named }
}

const whose = [reference('clinic_id', 'clinic_id', clinics), reference('provider_id', 'provider_id', providers)]

const swapped = { starts_on: 'start_date', ends_on: 'end_date' }

const changed: readonly (readonly [Copied, readonly Change[]])[] = [
  [
    { mapping: clinics, from: 'legacy.clinics', to: 'public.clinics' },
    [word('status'), filled('location_label', 'location')],
  ],
  [{ mapping: locations, from: 'legacy.clinics', to: 'public.locations' }, [filled('name', 'location')]],
  [
    { mapping: profiles, from: 'legacy.users', to: 'public.profiles' },
    [filled('full_name', 'name'), reference('default_clinic_id', 'clinic_id', clinics)],
  ],
  [{ mapping: userClinicRoles, from: 'legacy.users', to: 'public.user_clinic_roles' }, [word('role')]],
  [{ mapping: providers, from: 'legacy.providers', to: 'public.providers' }, [word('provider_type'), word('status')]],
  [
    { mapping: metricDefinitions, from: 'legacy.metric_definitions', to: 'public.metric_definitions' },
    [word('data_type'), word('category')],
  ],
  [
    { mapping: spreadsheetConnections, from: 'legacy.data_sources', to: 'public.spreadsheet_connections' },
    [word('status', 'connection_status')],
  ],
  [
    { mapping: connectionSheets, from: 'legacy.data_sources', to: 'public.connection_sheets' },
    [word('sync_frequency')],
  ],
  [
    { mapping: metricValues, from: 'legacy.metric_values', to: 'public.metric_values' },
    [
      ...whose,
      word('source', 'source_type'),
      reference('sheet_id', 'data_source_id', connectionSheets),
      {
        column: 'value',
        original: sql.ref('l.value'),
        isChanged: sql`t.value is not null and l.value !~ '^ *-?[0-9]+([.][0-9]+)? *$'`,
      },
    ],
  ],
  [
    { mapping: goals, from: 'legacy.goals', to: 'public.goals' },
    [
      ...whose,
      word('period', 'time_period'),
      ...Object.entries(swapped).map(([column, was]) => ({
        column,
        original: sql.ref(`l.${was}`),
        isChanged: sql`l.start_date > l.end_date`,
      })),
    ],
  ],
  [{ mapping: dashboards, from: 'legacy.dashboards', to: 'public.dashboards' }, [filled('name'), same('is_default')]],
  [
    { mapping: widgets, from: 'legacy.widgets', to: 'public.widgets' },
    [
      word('widget_type'),
      word('chart_type'),
      reference('metric_definition_id', 'metric_definition_id', metricDefinitions),
      ...['position_x', 'position_y', 'width', 'height'].map(same),
    ],
  ],
]

/**
 * Words of vocabularies, what stands for blanks, what was derived or swapped: of whatever was changed the ledger keeps the
 * original.
 */
const ofRows = m.assertNone(
  'each changed value has its original in the ledger',
  (db) => together(changed.map(([copied, changes]) => untoldChanges(db, copied, changes))),
  { key: ['mapping', 'source_key', 'column_name'] },
)

const settings = ['timezone', 'currency'] as const

/** A clinic for which nobody has given a zone or a currency has the usual one, and the ledger tells so. */
const ofSettings = m.assertNone(
  'each default of a clinic has its entry in the ledger',
  (db) =>
    together(
      settings.map((setting) =>
        db
          .selectFrom(crosswalk(clinics, 'w'))
          .innerJoin('public.clinics as t', 't.id', 'w.id')
          .leftJoin('migration_input.clinic as i', 'i.legacy_id', 'w.source_key')
          .leftJoin(corrections(clinics, 'c'), (join) =>
            join.onRef('c.source_key', '=', 'w.source_key').on('c.column_name', '=', setting),
          )
          .where('w.disposition', '=', 'loaded')
          .where('c.source_key', 'is', null)
          .where(sql<boolean>`${sql.ref(`t.${setting}`)} is distinct from ${sql.ref(`i.${setting}`)}`)
          .select(['w.source_key', sql<text>`${sql.lit(setting)}`.as('setting')]),
      ),
    ),
  { key: ['source_key', 'setting'] },
)

/** What was changed is told. */
export const originals = [ofRows, ofSettings]
