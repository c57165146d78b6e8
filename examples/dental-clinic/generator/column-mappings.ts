import type { Blueprint } from './blueprint.ts'
import { legacyId } from './ids.ts'
import { definitions } from './metric-definitions.ts'
import { drawsFor } from './random.ts'
import { work } from './sql-text.ts'

/**
 * Column mappings: every data source has the same number of them, each for another column and another definition.
 * Within a source the order of creation is the order of ids, so that "the first of a sheet" means one row.
 */
export function columnMappingStatements({ seed, rows, oddities }: Blueprint): string[] {
  const draws = drawsFor(seed, 'column_mappings', 'mapping.number')
  return [
    `create unlogged table ${work}.column_mappings as
    with numbered as (
      select
        number,
        ${legacyId(seed, 'column_mappings', 'number')} as id,
        (number - 1) % ${rows.data_sources} + 1 as source,
        (number - 1) / ${rows.data_sources} as place
      from generate_series(1, ${rows.column_mappings}) as number
    )
    select
      numbered.*,
      row_number() over (partition by source order by id collate "C") as turn
    from numbered`,

    `insert into legacy.column_mappings
      (id, column_name, transformation_rule, data_source_id, metric_definition_id, created_at, updated_at)
    select
      mapping.id,
      chr(65 + mapping.place) || ': ' || definition.name,
      case ${draws.below('rule', 4)}
        when 0 then '{"round": 2}'
        when 1 then ${oddities === 'usual' ? `'trim, then divide by 100'` : 'null'}
      end,
      source.id,
      definition.id,
      created_at,
      created_at + ${draws.below('updated_at', 72)} * interval '1 hour'
    from ${work}.column_mappings as mapping
    join ${work}.sources as source on source.number = mapping.source
    join ${work}.definitions as definition
      on definition.number = 1 + (mapping.source + 3 * mapping.place) % ${definitions.length}
    cross join lateral (
      select
        timestamp '2023-02-01 12:00' + mapping.source * interval '1 hour'
          + mapping.turn * interval '1 minute' as created_at
    ) as drawn`,
  ]
}
