import { crosswalk, type Mapping, merged, quarantined, sql, type text, type uuid } from 'drover'
import { metricAggregations } from '../migration/aggregations.ts'
import { m } from '../migration/base.ts'
import { clinics, locations } from '../migration/clinics.ts'
import { columnMappings } from '../migration/column-mappings.ts'
import { googleCredentials } from '../migration/credentials.ts'
import { dashboards, widgets } from '../migration/dashboards.ts'
import { metricDefinitions } from '../migration/definitions.ts'
import { goals } from '../migration/goals.ts'
import { providerLocations, providers } from '../migration/providers.ts'
import { connectionSheets, spreadsheetConnections } from '../migration/spreadsheets.ts'
import { providerStandIns } from '../migration/stand-ins.ts'
import { authIdentities, authUsers, profiles, userClinicRoles } from '../migration/users.ts'
import { metricValues } from '../migration/values.ts'
import { together } from './changes.ts'
import type { Schemas } from './question.ts'

/** Which rows become rows of which mapping: an entry for each of them is expected. */
const copied = [
  [clinics, 'legacy.clinics'],
  [locations, 'legacy.clinics'],
  [authUsers, 'legacy.users'],
  [authIdentities, 'legacy.users'],
  [profiles, 'legacy.users'],
  [userClinicRoles, 'legacy.users'],
  [providers, 'legacy.providers'],
  [providerLocations, 'legacy.providers'],
  [metricDefinitions, 'legacy.metric_definitions'],
  [googleCredentials, 'legacy.data_sources'],
  [spreadsheetConnections, 'legacy.data_sources'],
  [connectionSheets, 'legacy.data_sources'],
  [columnMappings, 'legacy.column_mappings'],
  [metricValues, 'legacy.metric_values'],
  [goals, 'legacy.goals'],
  [dashboards, 'legacy.dashboards'],
  [widgets, 'legacy.widgets'],
] as const

type Copied = (typeof copied)[number]

/** The legacy rows as `l`, of which nothing but the id is read: no fix can change it. */
const idsOf = ([, table]: Copied) => sql<{ id: text }>`${sql.table(table)}`.as<'l'>(sql`l`)

const nameOf = ([mapping]: Copied) => sql<text>`${sql.lit(mapping.name)}`.as('mapping')

/** All rows that were there are loaded, merged, matched, set aside or left out. */
const accounted = m.parity('rows in and rows accounted for, per mapping', {
  key: ['mapping'],
  source: (db) =>
    together(
      copied.map((each) => db.selectFrom(idsOf(each)).select(({ fn }) => [nameOf(each), fn.countAll().as('rows')])),
    ),
  target: (db) =>
    together(
      copied.map((each) =>
        db
          .selectFrom(
            db
              .selectFrom(crosswalk(each[0], 'w'))
              .where('w.disposition', 'in', ['loaded', 'merged', 'matched', 'excluded'])
              .select('w.source_key')
              .unionAll(db.selectFrom(quarantined(each[0], 'q')).select('q.source_key'))
              .as('entry'),
          )
          .select(({ fn }) => [nameOf(each), fn.countAll().as('rows')]),
      ),
    ),
})

/**
 * Each legacy row has one entry, each entry a legacy row, and the ledger knows of every row that was set aside or
 * merged.
 */
const oneEntry = m.assertNone(
  'each legacy row has exactly one entry',
  (db) =>
    together(
      copied.map((each) =>
        db
          .selectFrom(idsOf(each))
          .fullJoin(crosswalk(each[0], 'w'), 'w.source_key', 'l.id')
          .leftJoin(quarantined(each[0], 'q'), 'q.source_key', 'w.source_key')
          .leftJoin(merged(each[0], 'f'), 'f.source_key', 'w.source_key')
          .where(
            sql<boolean>`(l.id is null or w.source_key is null
              or (w.disposition = 'quarantined') <> (q.source_key is not null)
              or (w.disposition = 'merged') <> (f.source_key is not null))`,
          )
          .select([nameOf(each), sql<text>`coalesce(l.id, w.source_key)`.as('source_key')]),
      ),
    ),
  { key: ['mapping', 'source_key'] },
)

/** The tables of the new schema that have an id, with the mappings that fill them. */
const filled = [
  ['public.clinics', clinics],
  ['auth.users', authUsers],
  ['auth.identities', authIdentities],
  ['public.profiles', profiles],
  ['public.user_clinic_roles', userClinicRoles],
  ['public.locations', locations],
  ['public.providers', providers, providerStandIns],
  ['public.metric_definitions', metricDefinitions],
  ['public.google_credentials', googleCredentials],
  ['public.spreadsheet_connections', spreadsheetConnections],
  ['public.connection_sheets', connectionSheets],
  ['public.column_mappings', columnMappings],
  ['public.metric_values', metricValues],
  ['public.metric_aggregations', metricAggregations],
  ['public.goals', goals],
  ['public.dashboards', dashboards],
  ['public.widgets', widgets],
] as const

type Filled = (typeof filled)[number]

const tableOf = (table: Filled[0]) => sql<text>`${sql.lit(table)}`.as('table')

/** The target rows that the ledger knows, as `entry`. */
const entriesOf = (db: Schemas, mappings: readonly Mapping<uuid>[]) =>
  together(
    mappings.map((mapping) => db.selectFrom(crosswalk(mapping, 'w')).where('w.id', 'is not', null).select('w.id')),
  ).as('entry')

/** Each entry leads to a row of the new schema, and each row there is one that an entry leads to: made or derived. */
const eachTarget = m.assertNone(
  'each entry has its target row, each target row its entry',
  (db) =>
    together([
      ...filled.map(([table, ...mappings]) =>
        db
          .selectFrom(db.dynamic.table(table).as('t'))
          .fullJoin(entriesOf(db, mappings), 'entry.id', 't.id')
          .where(sql<boolean>`(t.id is null or entry.id is null)`)
          .select([tableOf(table), sql<uuid>`coalesce(t.id, entry.id)`.as('id')]),
      ),
      // Such a row has no id: it is known by its provider.
      db
        .selectFrom('public.provider_locations as t')
        .fullJoin(entriesOf(db, [providerLocations]), 'entry.id', 't.provider_id')
        .where(sql<boolean>`(t.provider_id is null or entry.id is null)`)
        .select([
          sql<text>`'public.provider_locations'`.as('table'),
          sql<uuid>`coalesce(t.provider_id, entry.id)`.as('id'),
        ]),
    ]),
  { key: ['table', 'id'] },
)

/** Ids follow from the legacy ids, by version 5 of UUIDs; only who had an account already keeps the one he had. */
const derivedIds = m.assertNone(
  'ids are UUIDs of version 5, or were there before',
  (db) => {
    const had = [authUsers, authIdentities].map((mapping) =>
      db.selectFrom(crosswalk(mapping, 'w')).where('w.disposition', '=', 'matched').select('w.id'),
    )
    const odd = filled.map(([table]) =>
      db
        .selectFrom(db.dynamic.table(table).as('t'))
        .where(sql<boolean>`(get_byte(uuid_send(t.id), 6) / 16 <> 5 or get_byte(uuid_send(t.id), 8) / 64 <> 2)`)
        .select([tableOf(table), 't.id']),
    )
    return db
      .selectFrom(together(odd).as('odd'))
      .leftJoin(together(had).as('had'), 'had.id', 'odd.id')
      .where('had.id', 'is', null)
      .select(['odd.table', 'odd.id'])
  },
  { key: ['table', 'id'] },
)

/** Every row is accounted for, on both sides. */
export const ledger = [accounted, oneEntry, eachTarget, derivedIds]
