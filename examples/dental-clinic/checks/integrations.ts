import { crosswalk, type int8, quarantined, sql, type text } from 'drover'
import { m } from '../migration/base.ts'
import { clinics } from '../migration/clinics.ts'
import { columnMappings } from '../migration/column-mappings.ts'
import { metricDefinitions } from '../migration/definitions.ts'
import { connectionSheets } from '../migration/spreadsheets.ts'

/** The active configurations, taken apart, are the legacy mappings: of two for one column the one changed last. */
const mappings = m.parity('column mappings per sheet', {
  key: ['sheet_id', 'column_name'],
  source: (db) =>
    db
      .selectFrom(
        db
          .selectFrom('legacy.column_mappings as l')
          .leftJoin(crosswalk(connectionSheets, 'sheet'), 'sheet.source_key', 'l.data_source_id')
          .leftJoin(crosswalk(metricDefinitions, 'definition'), 'definition.source_key', 'l.metric_definition_id')
          .leftJoin(quarantined(columnMappings, 'out'), 'out.source_key', 'l.id')
          .where('out.source_key', 'is', null)
          .select([
            'sheet.id as sheet_id',
            sql<text>`btrim(l.column_name)`.as('column_name'),
            'l.id as legacy_id',
            sql<text>`definition.id::text`.as('definition_id'),
            sql<int8>`row_number() over (
              partition by sheet.id, btrim(l.column_name)
              order by l.updated_at desc, l.created_at desc, l.id collate "C"
            )`.as('place'),
          ])
          .as('l'),
      )
      .where('l.place', '=', '1')
      .select(['l.sheet_id', 'l.column_name', 'l.definition_id', 'l.legacy_id']),
  target: (db) =>
    db
      .selectFrom('public.column_mappings as t')
      .where('t.is_active', 'is', true)
      .crossJoinLateral(() =>
        sql<{ entry: object }>`jsonb_array_elements(t.config -> 'columns')`.as<'e'>(sql`e (entry)`),
      )
      .select([
        't.sheet_id',
        sql<text>`e.entry ->> 'source'`.as('column_name'),
        sql<text>`e.entry ->> 'metric_definition_id'`.as('definition_id'),
        sql<text>`e.entry ->> 'legacy_id'`.as('legacy_id'),
      ]),
})

/** Each clinic has every sheet of every spreadsheet that its sources name, once. */
const sheets = m.parity('sheets per clinic', {
  key: ['clinic_id'],
  source: (db) =>
    db
      .selectFrom('legacy.data_sources as l')
      .leftJoin(crosswalk(clinics, 'clinic'), 'clinic.source_key', 'l.clinic_id')
      .leftJoin(quarantined(connectionSheets, 'out'), 'out.source_key', 'l.id')
      .where('out.source_key', 'is', null)
      .groupBy('clinic.id')
      .select([
        'clinic.id as clinic_id',
        sql<int8>`count(distinct (btrim(l.spreadsheet_id), btrim(l.sheet_name)))`.as('sheets'),
      ]),
  target: (db) =>
    db
      .selectFrom('public.connection_sheets as t')
      .groupBy('t.clinic_id')
      .select(['t.clinic_id', sql<int8>`count(*)`.as('sheets')]),
})

/** Sheets and what their columns mean are as they were. */
export const integrations = [mappings, sheets]
