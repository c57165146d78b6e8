import type { Blueprint } from './blueprint.ts'
import { type ClinicPlan, chicagoMidnightZones } from './clinic-layout.ts'
import { metricValueId, missingId } from './ids.ts'
import { definitionPool } from './metric-definitions.ts'
import { clinicSizeExponent } from './providers.ts'
import { type Draws, drawsFor, zipfWeights } from './random.ts'
import { intArray, textArray, work } from './sql-text.ts'
import { valueText } from './value-text.ts'

/** Rows that a data sync wrote; the others come from a form and have neither source nor external id. */
const shareFromSheets = 0.85
/** Rows stamped 05:00 or 06:00 UTC, midnight in Chicago, instead of midnight UTC. */
const shareChicagoMidnights = 0.08
/** The last of these weeks ends the day before the cutover. */
const firstMonday = '2022-06-06'
const weeks = 156

/**
 * Metric values: three years of working days up to the end of May 2025. A row is drawn (which clinic, definition, day),
 * located (its parents looked up), measured (its amount) and written, with the defect that value_plan has for it.
 *
 * Draws use `model`: the row itself or, for a duplicate, the row that it repeats.
 */
export function metricValueStatements({ seed, rows, clinics }: Blueprint): string[] {
  const draws = drawsFor(seed, 'metric_values', 'model')
  const sizes = zipfWeights(clinics.length, clinicSizeExponent)
  const anyDefinition = definitionPool(() => true)
  return [
    `insert into legacy.metric_values (
      id, date, value, source_type, source_sheet, external_id, metric_definition_id, clinic_id, provider_id,
      data_source_id, created_at, updated_at
    )
    with homes as materialized (
      select
        clinic.number,
        clinic.id,
        clinic.zone,
        clinic.number_locale,
        ${childrenInOrder('sources', 'id')} as sources,
        ${childrenInOrder('sources', 'sheet_name')} as sheets,
        ${childrenInOrder('providers', 'id')} as providers
      from ${work}.clinics as clinic
    ),
    drawn as materialized (
      select
        series.number,
        special.kind,
        special.place,
        special.foreign_provider,
        model,
        coalesce(original.clinic, special.clinic, ${draws.weighted('clinic', sizes)}) as clinic,
        coalesce(
          original.definition,
          special.definition,
          (${intArray(anyDefinition)})[1 + ${draws.below('definition', anyDefinition.length)}]
        ) as definition,
        coalesce(original.from_sheet, special.from_sheet, ${draws.uniform('from_sheet')} < ${shareFromSheets})
          as from_sheet,
        ${workingDay('weeks')} as day
      from generate_series(1, ${rows.metric_values}) as series (number)
      left join ${work}.value_plan as special on special.number = series.number
      left join ${work}.value_plan as original on original.number = special.original
      cross join lateral (select coalesce(special.original, series.number) as model) as modelled
      cross join lateral (select ${draws.uniform('day')} * ${weeks} as weeks) as dated
    ),
    located as (
      select
        drawn.*,
        home.id as clinic_id,
        home.zone,
        case when from_sheet then home.sources[source_place] end as source_id,
        case when from_sheet then home.sheets[source_place] end as sheet_name,
        from_sheet and home.number_locale is not distinct from 'eu' as is_european,
        definition.id as definition_id,
        definition.shape,
        case
          when definition.level = 'provider' then
            home.providers[1 + ${draws.below('provider', 'cardinality(home.providers)')}]
        end as provider_id
      from drawn
      join homes as home on home.number = drawn.clinic
      join ${work}.definitions as definition on definition.number = drawn.definition
      cross join lateral (select 1 + ${draws.below('source', 'cardinality(home.sources)')} as source_place) as picked
    ),
    measured as (
      select
        located.*,
        case
          when shape = 'date' then to_char(day - ${draws.below('date', 90)} * interval '1 day', 'YYYY-MM-DD')
          -- In a European sheet a point would separate thousands: whole numbers read the same everywhere.
          when is_european then round(amount)::text
          else amount::text
        end as plain,
        day + interval '7 hours' + ${draws.below('created_at', 14 * 3_600_000)} * interval '1 ms' as created_at
      from located
      cross join lateral (
        select
          ${amount(draws)} + case when kind = 'V12' then 1 + ${draws.below('conflict', 500)} else 0 end as amount
      ) as drawn_amount
    )
    select
      ${metricValueId(seed, 'number')},
      ${stamp(draws, clinics)},
      ${valueText(seed)},
      case
        when kind = 'V25' and from_sheet then (array[' Spreadsheet', 'SPREADSHEET', 'SpreadSheet '])[1 + place % 3]
        when kind = 'V25' then (array['FORM', ' Form', 'fORM '])[1 + place % 3]
        when kind = 'V25-unknown' then (array['api', 'import'])[1 + place % 2]
        when from_sheet then 'spreadsheet'
        else 'form'
      end,
      sheet_name,
      case when from_sheet then 'row-' || model end,
      case when kind = 'V21' then ${missingId('metric_definitions', 'number')} else definition_id end,
      case
        when kind in ('V14', 'V15', 'V16') then null
        when kind = 'V19' then ${missingId('clinics', 'number')}
        else clinic_id
      end,
      case
        when kind = 'V20' then ${missingId('providers', 'number')}
        else coalesce(foreign_provider, provider_id)
      end,
      case when kind = 'V22' then ${missingId('data_sources', 'number')} else source_id end,
      created_at,
      -- Of two conflicting rows the one updated last survives: in turns there is a tie, the original, this one twice.
      created_at + case
        when kind = 'V12-original' then interval '20 minutes'
        when kind = 'V12' then (array[20, 10, 30, 30])[1 + place % 4] * interval '1 minute'
        when ${draws.uniform('is_updated')} < 0.3 then ${draws.below('updated_at', 3_600_000)} * interval '1 ms'
        else interval '0'
      end
    from measured`,
  ]
}

/** A column of a clinic's sources or providers, as an array in the order of their places. */
function childrenInOrder(table: 'sources' | 'providers', column: 'id' | 'sheet_name'): string {
  return `array(
          select child.${column}
          from ${work}.${table} as child
          where child.clinic = clinic.number
          order by child.place
        )`
}

/** Saturdays have two fifths of a weekday's values, Sundays none: five working days and a bit from each Monday. */
function workingDay(week: string): string {
  return `timestamp '${firstMonday}'
          + (7 * floor(${week}) + floor((${week} - floor(${week})) * 5.4)) * interval '1 day'`
}

function amount(draws: Draws): string {
  const money = (median: number, spread: number) =>
    `round((${median} * exp(${spread} * ${draws.normal('amount')}))::numeric, 2)`
  const wave = `(1 + 0.15 * sin(2 * pi() * extract(doy from day)::float8 / 365.25))`
  const outcome = draws.uniform('outcome')
  return `case shape
            when 'production' then case
              when ${outcome} < 0.06 then -${money(180, 0.5)}
              when ${outcome} < 0.28 then 0
              else round((1100 * exp(0.6 * ${draws.normal('amount')}) * ${wave})::numeric, 2)
            end
            when 'amount' then ${money(2400, 0.7)}
            when 'reduction' then -${money(120, 0.7)}
            when 'balance' then ${money(24_000, 0.25)}
            when 'percentage' then round((100 * ${draws.beta82('amount')})::numeric, 2)
            when 'hours' then round((4 + 6 * ${draws.uniform('amount')})::numeric, 2)
            when 'count' then ${draws.poisson('amount', 7)}::numeric
          end`
}

/** The business date as the legacy application stamped it, in UTC. */
function stamp(draws: Draws, clinics: readonly ClinicPlan[]): string {
  const sizes = zipfWeights(clinics.length, clinicSizeExponent)
  const sizeOf = (chosen: readonly ClinicPlan[]) => chosen.reduce((sum, clinic) => sum + sizes[clinic.number - 1]!, 0)
  const inChicagoTime = clinics.filter((clinic) => chicagoMidnightZones.includes(clinic.zone))
  const share = (shareChicagoMidnights * sizeOf(clinics)) / sizeOf(inChicagoTime)
  return `case
        when kind = 'V23' then timestamp '2025-06-11' + ${draws.below('future', 700)} * interval '1 day'
        when kind = 'V24' then
          (array['0202-03-05', '2001-01-01', '1899-12-30', '1970-01-01', '1900-01-01']::timestamp[])[1 + place % 5]
        when kind = 'V26' then
          -- After nine in the evening of a month's last day: in UTC the next month has begun.
          (date_trunc('month', day) - interval '3 hours' + ${draws.below('late', 179)} * interval '1 minute')
            at time zone zone at time zone 'UTC'
        when zone = any (${textArray(chicagoMidnightZones)}) and ${draws.uniform('stamp')} < ${share.toFixed(6)} then
          day at time zone 'America/Chicago' at time zone 'UTC'
        else day
      end`
}
