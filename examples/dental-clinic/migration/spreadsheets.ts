import {
  blankToNull,
  correctedWhen,
  crosswalk,
  filled,
  instant,
  lookup,
  newest,
  noteWhen,
  oneOf,
  ref,
  refWhen,
  required,
  sql,
  squish,
  trim,
} from 'drover'
import type { PublicConnectionStatus } from '../app.types.ts'
import { idOf, m, stamps } from './base.ts'
import { clinics } from './clinics.ts'
import { googleCredentials } from './credentials.ts'

/**
 * One connection per clinic and spreadsheet; its name and status are those of the newest source, its credential is the
 * first that one of its sources has.
 */
export const spreadsheetConnections = m.map('spreadsheet_connections', {
  from: (db) =>
    db.selectFrom('legacy.data_sources as d').leftJoin(
      db
        .selectFrom('legacy.data_sources as other')
        .innerJoin(crosswalk(clinics, 'home'), 'home.source_key', 'other.clinic_id')
        .select(({ ref, fn }) => [
          trim(ref('other.spreadsheet_id')).as('spreadsheet'),
          fn.count('home.id').distinct().as('clinics'),
        ])
        .groupBy('spreadsheet')
        .as('shared'),
      (join) => join.on(({ eb, ref }) => eb(ref('shared.spreadsheet'), '=', trim(ref('d.spreadsheet_id')))),
    ),
  key: ({ d }) => d.id,
  identity: (_, to) => [to.clinic_id, to.spreadsheet_id],
  survivor: ({ d }) => newest(d.created_at),
  to: 'public.spreadsheet_connections',
  secret: ['access_token', 'refresh_token'],
  columns: ({ d, shared }) => {
    const status = oneOf(d.connection_status, ['pending', 'active', 'paused', 'error', 'disconnected'], {
      aliases: { syncing: 'active' },
    }).orElse('pending', 'unknown-status')
    const hasToken = sql`${ref(d.id, googleCredentials).disposition} <> 'excluded'`
    const credential = filled(refWhen(hasToken, d.id, googleCredentials).orNull())
    const isUnconnected = sql`${credential} is null and ${status} <> 'pending'`
    const isLocked = sql`${lookup(credential, googleCredentials, 'status')} = 'needs_reauth' and ${status} = 'active'`
    const possible = sql<PublicConnectionStatus>`case
      when ${credential} is null then 'pending'
      when ${isLocked} then 'paused'
      else ${status}
    end`
    return {
      id: idOf('spreadsheet_connections', d.id),
      clinic_id: ref(d.clinic_id, clinics).orQuarantine('orphan-clinic'),
      credential_id: credential,
      spreadsheet_id: noteWhen(
        required(blankToNull(trim(d.spreadsheet_id))).orQuarantine('no-spreadsheet'),
        'shared-spreadsheet',
        sql`${shared.clinics} > 1`,
      ),
      name: squish(d.name),
      app_script_id: blankToNull(trim(d.app_script_id)),
      status: correctedWhen(
        correctedWhen(possible, 'no-token', isUnconnected, d.connection_status),
        'needs-reauth',
        isLocked,
        d.connection_status,
      ),
      ...stamps(d),
    }
  },
})

/** The sheets of a connection. */
export const connectionSheets = m.map('connection_sheets', {
  from: (db) => db.selectFrom('legacy.data_sources as d'),
  key: ({ d }) => d.id,
  identity: (_, to) => [to.connection_id, to.sheet_name],
  survivor: ({ d }) => newest(d.created_at),
  to: 'public.connection_sheets',
  secret: ['access_token', 'refresh_token'],
  columns: ({ d }) => {
    const connection = ref(d.id, spreadsheetConnections).orQuarantine()
    return {
      id: idOf('connection_sheets', d.id),
      connection_id: connection,
      clinic_id: required(lookup(connection, spreadsheetConnections, 'clinic_id')).orQuarantine(),
      sheet_name: required(blankToNull(trim(d.sheet_name))).orQuarantine('no-sheet'),
      label: squish(d.name),
      sync_frequency: oneOf(d.sync_frequency, ['manual', 'hourly', 'daily', 'weekly', 'monthly']).orElse(
        'manual',
        'unknown-frequency',
      ),
      last_synced_at: instant(d.last_synced_at, { zone: 'UTC' }).orNull('no-finite-time'),
    }
  },
})
