import { work } from '../sql-text.ts'
import { noExceptions, type OutcomeQuery } from './query.ts'

/** Sources of one spreadsheet in one clinic are one connection, named and dated by the newest. */
const connections = `connections as (
    select
      source.id,
      legacy_source.connection_status,
      source.defect = 'shared' or exists (
        select from ${work}.sources as other where other.defect = 'shared' and other.account = source.account
      ) as is_shared,
      first_value(source.id) over (
        partition by clinic.survivor, btrim(legacy_source.spreadsheet_id)
        order by legacy_source.created_at desc, source.id collate "C"
      ) as survivor
    from ${work}.sources as source
    join ${work}.clinics as clinic on clinic.number = source.clinic
    join legacy.data_sources as legacy_source on legacy_source.id = source.id
  )`

/** The sources of one Google account in one clinic share a credential; the token that lasts longest is kept. */
const credentialMerges = `
  select id, 'merged' as kind, survivor as detail
  from (
    select
      source.id,
      first_value(source.id) over (
        partition by clinic.survivor, coalesce(legacy_source.refresh_token, legacy_source.access_token)
        order by legacy_source.expiry_date desc, source.id collate "C"
      ) as survivor
    from ${work}.sources as source
    join ${work}.clinics as clinic on clinic.number = source.clinic
    join legacy.data_sources as legacy_source on legacy_source.id = source.id
    where legacy_source.access_token <> ''
  ) as ranked
  where id <> survivor`

/** The mappings of a sheet become one configuration, kept under the first of them. */
const columnMappings = `
  select mapping.id, 'merged' as kind, first.id as detail
  from ${work}.column_mappings as mapping
  join ${work}.column_mappings as first on first.source = mapping.source and first.turn = 1
  where mapping.turn > 1
  union all
  select mapping.id, 'corrected', 'not-json'
  from ${work}.column_mappings as mapping
  join legacy.column_mappings as legacy_mapping on legacy_mapping.id = mapping.id
  where mapping.turn = 1 and legacy_mapping.transformation_rule like 'trim%'`

export const integrationOutcomes: Readonly<Record<string, OutcomeQuery>> = {
  google_credentials: {
    source: 'data_sources',
    exceptions: `${credentialMerges}
      union all select id, 'excluded', null from ${work}.sources where defect = 'empty-token'`,
  },
  spreadsheet_connections: {
    source: 'data_sources',
    exceptions: `with ${connections}
      select id, 'merged' as kind, survivor as detail from connections where id <> survivor
      union all
      select id, 'corrected', 'alias' from connections where id = survivor and connection_status = 'syncing'
      union all
      select id, 'corrected', case defect when 'empty-token' then 'no-token' else 'needs-reauth' end
      from ${work}.sources
      where defect in ('empty-token', 'expired')
      union all select id, 'noted', 'shared-spreadsheet' from connections where id = survivor and is_shared`,
  },
  connection_sheets: { source: 'data_sources', exceptions: noExceptions },
  column_mappings: { source: 'column_mappings', exceptions: columnMappings },
}
