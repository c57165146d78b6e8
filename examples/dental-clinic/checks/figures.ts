import { type int8, notes, type numeric, sql, type text } from 'drover'
import { m } from '../migration/base.ts'
import { metricValues } from '../migration/values.ts'
import { localMonth, monthInUtc, production, sumOfValues, targetMonth } from './production.ts'
import { amountOfValue, clinicOfValue, dayOfValue, keptValues, keptValuesOfProviders } from './readings.ts'

// Sums over values in two readings that must be equal: the legacy texts, read anew under the policies of the run, of
// the rows that the ledger does not set aside; and what the new schema holds.

/** What each clinic produced in each month is what the texts amount to. */
const productionOfClinics = m.parity('monthly production per clinic', {
  key: ['clinic_id', 'month'],
  source: (db) =>
    db
      .selectFrom(
        keptValues(db)
          .where('metric.is_production', 'is', true)
          .select([clinicOfValue.as('clinic_id'), localMonth.as('month'), amountOfValue.as('value')])
          .as('v'),
      )
      .groupBy(['v.clinic_id', 'v.month'])
      .select(['v.clinic_id', 'v.month', sumOfValues]),
  target: (db) =>
    production(db)
      .select(['v.clinic_id', targetMonth.as('month'), sumOfValues])
      .groupBy(['v.clinic_id', 'month']),
})

/** The same for each provider. What names another clinic's provider counts for the one who bears his name in its own. */
const productionOfProviders = m.parity('monthly production per provider', {
  key: ['provider_id', 'month'],
  source: (db) =>
    db
      .selectFrom(
        keptValuesOfProviders(db)
          .where('metric.is_production', 'is', true)
          .select(['bearer.id as provider_id', localMonth.as('month'), amountOfValue.as('value')])
          // Those without a provider are left out later: PostgreSQL would expect only few to be left, and begin with them.
          .offset(0)
          .as('v'),
      )
      .where('v.provider_id', 'is not', null)
      .groupBy(['v.provider_id', 'v.month'])
      .select(['v.provider_id', 'v.month', sumOfValues]),
  target: (db) =>
    production(db)
      .where('v.provider_id', 'is not', null)
      .select(['v.provider_id', targetMonth.as('month'), sumOfValues])
      .groupBy(['v.provider_id', 'month']),
})

const totals = [
  sql<int8>`count(*)`.as('n'),
  sql<numeric>`sum(v.value)`.as('sum'),
  sql<numeric>`min(v.value)`.as('min'),
  sql<numeric>`max(v.value)`.as('max'),
] as const

/** Number, sum, smallest and largest amount for every definition, clinic and month. Dates have none. */
const amounts = m.parity('number, sum, least and greatest value per metric, clinic and month', {
  key: ['definition_id', 'clinic_id', 'month'],
  source: (db) =>
    db
      .selectFrom(
        keptValues(db)
          .where(sql<boolean>`metric.data_type <> 'date'`)
          .select([
            'metric.id as definition_id',
            clinicOfValue.as('clinic_id'),
            localMonth.as('month'),
            amountOfValue.as('value'),
          ])
          // Each amount is read once, and not once a total.
          .offset(0)
          .as('v'),
      )
      .groupBy(['v.definition_id', 'v.clinic_id', 'v.month'])
      .select(['v.definition_id', 'v.clinic_id', 'v.month', ...totals]),
  target: (db) =>
    db
      .selectFrom('public.metric_values as v')
      .where('v.value', 'is not', null)
      .select(['v.metric_definition_id as definition_id', 'v.clinic_id', targetMonth.as('month'), ...totals])
      .groupBy(['v.metric_definition_id', 'v.clinic_id', 'month']),
})

const days = sql<int8>`count(distinct v.day)`.as('days')

/** On how many days each clinic has a value of each metric. */
const reportingDays = m.parity('reporting days per clinic and metric', {
  key: ['clinic_id', 'definition_id'],
  source: (db) =>
    db
      .selectFrom(
        keptValues(db)
          .select([clinicOfValue.as('clinic_id'), 'metric.id as definition_id', dayOfValue.as('day')])
          .as('v'),
      )
      .groupBy(['v.clinic_id', 'v.definition_id'])
      .select(['v.clinic_id', 'v.definition_id', days]),
  target: (db) =>
    db
      .selectFrom('public.metric_values as v')
      .groupBy(['v.clinic_id', 'v.metric_definition_id'])
      .select([
        'v.clinic_id',
        'v.metric_definition_id as definition_id',
        sql<int8>`count(distinct v.metric_date)`.as('days'),
      ]),
})

/** The values that the application shows in another month than their clinic's are the ones that the ledger notes. */
const otherMonths = m.parity('values whose month in UTC is not that of their clinic', {
  key: ['value_id'],
  source: (db) => keptValues(db).where(sql<boolean>`${monthInUtc} <> ${localMonth}`).select('v.id as value_id'),
  target: (db) =>
    db
      .selectFrom(notes(metricValues, 'n'))
      .where('n.code', '=', 'local-month')
      .select(sql<text>`n.source_key`.as('value_id')),
})

/** Values read anew are what the new schema holds. */
export const figures = [productionOfClinics, productionOfProviders, amounts, reportingDays, otherMonths]
