import {
  blankToNull,
  collect,
  constant,
  jsonObject,
  lookup,
  newest,
  oldest,
  parseJson,
  ref,
  required,
  trim,
} from 'drover'
import { idOf, m, stamps } from './base.ts'
import { metricDefinitions } from './definitions.ts'
import { connectionSheets } from './spreadsheets.ts'

/** All mappings of a sheet's columns, folded into one configuration. Of two for one column the newest is kept. */
export const columnMappings = m.map('column_mappings', {
  from: (db) => db.selectFrom('legacy.column_mappings as c'),
  key: ({ c }) => c.id,
  identity: (_, to) => [to.sheet_id],
  survivor: ({ c }) => oldest(c.created_at),
  to: 'public.column_mappings',
  columns: ({ c }) => {
    const sheet = ref(c.data_source_id, connectionSheets).orQuarantine('orphan-source')
    const source = required(blankToNull(trim(c.column_name))).orQuarantine('no-column')
    const rule = blankToNull(c.transformation_rule)
    const entry = jsonObject({
      source,
      metric_definition_id: ref(c.metric_definition_id, metricDefinitions).orQuarantine('orphan-definition'),
      transform: parseJson(rule).orElse(jsonObject({ text: rule }), 'not-json'),
      legacy_id: c.id,
    })
    return {
      id: idOf('column_mappings', c.id),
      sheet_id: sheet,
      clinic_id: required(lookup(sheet, connectionSheets, 'clinic_id')).orQuarantine(),
      version: constant(1),
      is_active: constant(true),
      config: jsonObject({
        columns: collect(entry, {
          orderBy: oldest(c.created_at),
          distinct: [source],
          keep: [newest(c.updated_at), newest(c.created_at)],
        }),
      }),
      ...stamps(c),
    }
  },
})
