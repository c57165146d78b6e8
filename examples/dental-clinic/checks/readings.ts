import { crosswalk, type date, merged, type numeric, quarantined, sql, type uuid } from 'drover'
import { clinics } from '../migration/clinics.ts'
import { metricDefinitions } from '../migration/definitions.ts'
import { metricValues } from '../migration/values.ts'
import { amountOf } from './amount.ts'
import type { Schemas } from './question.ts'
import { bearers, clinicsOfProviders, dayOf } from './whose.ts'

/** Of a metric `t`: whether its amounts are production. */
export const isProduction = sql<boolean>`lower(t.name) like '%production' and t.data_type = 'currency'`

/** The clinic of each legacy source, and how it writes numbers. */
const sourcesOf = (db: Schemas) =>
  db
    .selectFrom('legacy.data_sources as l')
    .leftJoin(crosswalk(clinics, 'c'), 'c.source_key', 'l.clinic_id')
    .leftJoin('migration_input.source as i', 'i.legacy_id', 'l.id')
    .select(['l.id as legacy_id', 'c.id', 'i.number_locale', 'i.percent_scale'])
    .offset(0)
    .as('its')

/** The metrics of the new schema by legacy id. What production is made of shows in its name. */
export const metricsOf = (db: Schemas) =>
  db
    .selectFrom(crosswalk(metricDefinitions, 'w'))
    .leftJoin('public.metric_definitions as t', 't.id', 'w.id')
    .select(['w.source_key', 't.id', 't.data_type', isProduction.as('is_production')])
    .offset(0)
    .as('metric')

/** Its own clinic, or the provider's, or that of its source. */
export const clinicOfValue = sql<uuid | null>`coalesce(own.id, his.id, its.id)`

/** Every legacy value with what it belongs to. None is lost here: what leads nowhere is null. */
const legacyValues = (db: Schemas) =>
  db
    .selectFrom('legacy.metric_values as v')
    .leftJoin(metricsOf(db), 'metric.source_key', 'v.metric_definition_id')
    .leftJoin(crosswalk(clinics, 'own'), 'own.source_key', 'v.clinic_id')
    .leftJoin(clinicsOfProviders(db), 'his.legacy_id', 'v.provider_id')
    .leftJoin(sourcesOf(db), 'its.legacy_id', 'v.data_source_id')
    .leftJoin('public.clinics as home', (join) => join.on('home.id', '=', clinicOfValue))
    .leftJoin(
      db
        .selectFrom(quarantined(metricValues, 'q'))
        .select('q.source_key')
        .unionAll(db.selectFrom(merged(metricValues, 'f')).select('f.source_key'))
        .as('out'),
      'out.source_key',
      'v.id',
    )

/** The values that the new schema must hold: all but those that the ledger says are set aside, or part of another one. */
export const keptValues = (db: Schemas) => legacyValues(db).where('out.source_key', 'is', null)

/** The same with the provider each of them comes to, as `bearer`. */
export const keptValuesOfProviders = (db: Schemas) =>
  keptValues(db).leftJoin(bearers(db), (join) =>
    join.onRef('bearer.legacy_id', '=', 'v.provider_id').on('bearer.clinic_id', '=', clinicOfValue),
  )

/** The day of a value in its clinic. */
export const dayOfValue = dayOf(sql`v.date`)

/** The first day of a day's month. */
export const monthOf = (day: unknown) => sql<date>`date_trunc('month', ${day})::date`

/** The amount of a value: a rate without a percent sign is in the scale of its source. */
export const amountIn = (value: string, source: string, metric: string) => {
  const text = sql<string>`${sql.ref(`${value}.value`)}`
  const scale = sql`coalesce(${sql.ref(`${source}.percent_scale`)}, 1)`
  return sql<numeric | null>`round(${amountOf(text, sql`${sql.ref(`${source}.number_locale`)}`)}
    * case when ${sql.ref(`${metric}.data_type`)} = 'percentage' and position('%' in ${text}) = 0 then ${scale} else 1 end, 6)`
}

/** The same in the query of {@link legacyValues}. */
export const amountOfValue = amountIn('v', 'its', 'metric')
