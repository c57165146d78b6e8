import type { Blueprint } from './blueprint.ts'
import { legacyId } from './ids.ts'
import { drawsFor } from './random.ts'
import { work } from './sql-text.ts'

/**
 * Data sources, one row per sheet, in this order: sources without a token, sources whose token has expired without a
 * refresh token, plain ones, sources that share the spreadsheet (and the Google account) of another clinic, and further
 * sheets of plain sources' spreadsheets, two each.
 *
 * Tokens are made up; what counts is which of them are equal.
 */
export function dataSourceStatements({ seed, rows, clinics, defects, oddities }: Blueprint): string[] {
  const extraSheets = defects['data_sources/extra-sheet']
  const shared = defects['data_sources/shared']
  const emptyTokens = defects['data_sources/empty-token']
  const expired = defects['data_sources/expired']
  const firstExtra = rows.data_sources - extraSheets + 1
  const firstShared = firstExtra - shared
  // A Google account and its spreadsheet have the number of the first source that uses them; sources that share an
  // account with others use those of plain sources, from the first one on.
  const firstPlain = emptyTokens + expired + 1
  const states = ['active', 'active', 'pending', oddities === 'usual' ? 'syncing' : 'active', 'disconnected']
  const draws = drawsFor(seed, 'data_sources', 'source.number')
  const account = drawsFor(seed, 'data_sources', 'source.account')
  const secret = (column: string, rowDraws = draws) => `translate(${rowDraws.hex(column)}, '0123456789', 'GhKmPqRtXz')`
  return [
    `create unlogged table ${work}.sources as
    with numbered as (
      select
        number,
        case
          when number >= ${firstExtra} then ${firstPlain} + (number - ${firstExtra}) / 2
          when number >= ${firstShared} then ${firstPlain} + (number - ${firstShared})
          else number
        end as account
      from generate_series(1, ${rows.data_sources}) as number
    ),
    placed as (
      select
        source.*,
        -- A sharing clinic is the next one: not the same, nor its duplicate.
        case
          when number >= ${firstExtra} or number < ${firstShared} then (account - 1) % ${clinics.length} + 1
          else account % ${clinics.length} + 1
        end as clinic
      from numbered as source
    )
    select
      source.*,
      ${legacyId(seed, 'data_sources', 'source.number')} as id,
      case
        when source.number <= ${emptyTokens} then 'empty-token'
        when source.number < ${firstPlain} then 'expired'
        when source.number >= ${firstExtra} then 'extra-sheet'
        when source.number >= ${firstShared} then 'shared'
      end as defect,
      clinic.survivor,
      clinic.number_locale,
      'Sheet ' || source.number as sheet_name,
      row_number() over (partition by source.clinic order by source.number)::int as place
    from placed as source
    join ${work}.clinics as clinic on clinic.number = source.clinic`,
    `analyze ${work}.sources`,

    `insert into legacy.data_sources (
      id, name, spreadsheet_id, sheet_name, last_synced_at, sync_frequency, connection_status, app_script_id,
      access_token, refresh_token, expiry_date, clinic_id, created_at, updated_at
    )
    select
      source.id,
      ${draws.pick('name', ['Daily production', 'Hygiene sheet', 'Front desk log', 'Month end'])}
        || ' ' || source.number,
      case when source.number >= ${firstExtra} and source.number % 2 = 0 then ' ' else '' end
        || '1' || translate(${account.hex('spreadsheet')}, '0189', 'QwZ_')
        || case when source.number >= ${firstExtra} and source.number % 2 = 0 then '  ' else '' end,
      source.sheet_name,
      case
        when ${draws.uniform('synced')} < 0.8 then
          timestamp '2025-05-30 04:10' + ${draws.below('last_synced_at', 86_400_000)} * interval '1 ms'
      end,
      ${draws.pick('sync_frequency', ['hourly', 'daily', 'daily', 'weekly', 'manual'])},
      case
        when source.number < ${firstPlain} then 'active'
        else ${draws.pick('connection_status', states)}
      end,
      case when ${draws.uniform('script')} < 0.3 then 'AKfyc' || ${secret('app_script_id')} end,
      case when source.number <= ${emptyTokens} then '' else 'ya29.' || ${secret('access_token')} end,
      case when source.number >= ${firstPlain} then '1//' || ${secret('refresh_token', account)} end,
      case
        when source.number <= ${emptyTokens} then null
        when source.number < ${firstPlain} then
          timestamp '2025-04-01' + ${draws.below('expired', 86_400)} * interval '1 second'
        -- The number of milliseconds keeps the times of one account apart.
        else timestamp '2025-06-01 00:30'
          + ${draws.below('expiry_date', 3_600)} * interval '1 second'
          + source.number * interval '1 ms'
      end,
      clinic.id,
      created_at,
      created_at + ${draws.below('updated_at', 200)} * interval '1 day'
    from ${work}.sources as source
    join ${work}.clinics as clinic on clinic.number = source.clinic
    cross join lateral (
      select
        timestamp '2022-01-03 08:00'
          + ${draws.below('created_at', 120 * 86_400)} * interval '1 second'
          + source.number * interval '1 ms' as created_at
    ) as drawn`,

    `insert into migration_input.source (legacy_id, number_locale, percent_scale)
    select
      id,
      case when number % 7 = 5 then nullif(number_locale, 'en') else number_locale end,
      case when number % 4 = 1 then null else 1 end
    from ${work}.sources
    where number_locale is not null`,
  ]
}
