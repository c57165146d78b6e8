import { drawsFor } from './random.ts'
import type { LegacyTable } from './scale.ts'

/** What registration code put before the milliseconds. */
const prefixes: Readonly<Record<LegacyTable, string>> = {
  clinics: 'clinic',
  users: 'user',
  providers: 'provider',
  metric_definitions: 'metric',
  data_sources: 'source',
  column_mappings: 'mapping',
  metric_values: 'value',
  goals: 'goal',
  dashboards: 'dashboard',
  widgets: 'widget',
}

/**
 * The id of row `row`: of every fifty, 45 look like a cuid, three are `prefix-<ms>` and two are UUIDs as text, so that
 * even a small table has each kind. Text is all they have in common.
 */
export function legacyId(seed: number, table: LegacyTable, row: string): string {
  const draws = drawsFor(seed, table, row)
  const cuid = `'cm' || left(${draws.hex('id')}, 23)`
  const time = `1690000000000 + ${row} * 7919::bigint + ${draws.below('id/ms', 7919)}`
  const milliseconds = `'${prefixes[table]}-' || (${time})`
  return `case
        when ${row} % 50 in (2, 19, 36) then ${milliseconds}
        when ${row} % 50 in (3, 28) then ${uuidText(draws.hex('id'))}
        else ${cuid}
      end`
}

/**
 * The id of a metric value. Rows 3 and 28 have the same UUID, one in lower and one in upper case: two ids, as text is
 * compared byte by byte.
 */
export function metricValueId(seed: number, row: string): string {
  const twin = uuidText(drawsFor(seed, 'metric_values', '3').hex('id'))
  return `case when ${row} = 28 then upper(${twin}) else ${legacyId(seed, 'metric_values', row)} end`
}

/** 32 hexadecimal digits as the text of a version 4 UUID. */
export function uuidText(hex: string): string {
  return `overlay(overlay(${hex} placing '4' from 13) placing 'a' from 17)::uuid::text`
}

/** The id of a parent that does not exist. */
export function missingId(table: LegacyTable, number: string): string {
  return `'${prefixes[table]}-missing-' || ${number}`
}
