import type { Blueprint } from './blueprint.ts'
import { metricValueId } from './ids.ts'
import { work } from './sql-text.ts'

/** How many there are, at any scale. */
export const compoundRows = 20

/**
 * Metric values with several defects each, four of every combination. They repeat clean rows from sheets of providers'
 * definitions (so that a second path to the clinic exists), under numbers behind the last counted row, and return their
 * ids. No orphans: they fit both kinds of keys.
 */
export function compoundValueStatement({ seed, rows }: Blueprint): string {
  return `insert into legacy.metric_values (
      id, date, value, source_type, source_sheet, external_id, metric_definition_id, clinic_id, provider_id,
      data_source_id, created_at, updated_at
    )
    with models as (
      select
        value.*,
        row_number() over (order by value.id collate "C") as turn
      from legacy.metric_values as value
      join ${work}.definitions as definition on definition.id = value.metric_definition_id
      join migration_input.source as settings on settings.legacy_id = value.data_source_id
      where definition.shape = 'production'
        and definition.level = 'provider'
        and settings.number_locale = 'en'
        and not exists (select from ${work}.value_plan as special where special.id = value.id)
    )
    select
      ${metricValueId(seed, `(${rows.metric_values} + turn)`)},
      case turn % 5
        when 2 then timestamp '2025-08-01'
        when 3 then timestamp '2001-01-01'
        else date
      end,
      case turn % 5
        when 0 then ' $1,234.50 '
        when 1 then chr(160) || '(2,345.60)'
        when 2 then 'N/A'
        when 3 then '$3,456.70'
        else '-$45.60'
      end,
      case when turn % 2 = 0 then ' SpreadSheet' else 'import' end,
      source_sheet,
      -- The last combination is also a conflicting duplicate of its model.
      case when turn % 5 = 4 then external_id else external_id || '-' || turn end,
      metric_definition_id,
      case when turn % 5 in (0, 1) then null else clinic_id end,
      provider_id,
      case when turn % 5 in (1, 3) then null else data_source_id end,
      created_at,
      updated_at + interval '1 minute'
    from models
    where turn <= ${compoundRows}
    returning id`
}
