import {
  corrections,
  crosswalk,
  type date,
  type int8,
  merged,
  notes,
  type numeric,
  quarantined,
  sql,
  type text,
  type uuid,
} from 'drover'
import { m } from '../migration/base.ts'
import { clinics } from '../migration/clinics.ts'
import { metricValues } from '../migration/values.ts'
import { amountInApp } from './amount.ts'
import type { Schemas } from './question.ts'
import {
  amountOfValue,
  clinicOfValue,
  dayOfValue,
  isProduction,
  keptValues,
  keptValuesOfProviders,
  metricsOf,
  monthOf,
} from './readings.ts'

// Sums over values, in three readings. A: what the legacy application shows, which takes texts for what `parseFloat` makes
// of them, by months in UTC. B: the same texts read anew under the policies of the run, of the rows that the ledger does
// not set aside. C: what the new schema holds. B must be C, and A must be C but for what the ledger tells.

const localMonth = monthOf(dayOfValue)
const targetMonth = monthOf(sql.ref('v.metric_date'))

/** The production that the new schema holds. */
const production = (db: Schemas) =>
  db
    .selectFrom('public.metric_values as v')
    .innerJoin('public.metric_definitions as t', 't.id', 'v.metric_definition_id')
    .where(isProduction)

const sum = sql<numeric>`sum(v.value)`.as('production')

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
      .select(['v.clinic_id', 'v.month', sum]),
  target: (db) =>
    production(db)
      .select(['v.clinic_id', targetMonth.as('month'), sum])
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
      .select(['v.provider_id', 'v.month', sum]),
  target: (db) =>
    production(db)
      .where('v.provider_id', 'is not', null)
      .select(['v.provider_id', targetMonth.as('month'), sum])
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

/** The values of which the ledger tells something that moves a sum: each with one of the codes. */
const told = (db: Schemas) =>
  db
    .selectFrom(quarantined(metricValues, 'q'))
    .select(['q.source_key', 'q.code'])
    .unionAll(db.selectFrom(merged(metricValues, 'w')).select(['w.source_key', sql<text>`'merged'`.as('code')]))
    .unionAll(
      db
        .selectFrom(corrections(metricValues, 'c'))
        .where('c.column_name', 'in', ['value', 'clinic_id'])
        .where('c.source_key', 'is not', null)
        .select([sql<text>`c.source_key`.as('source_key'), 'c.code']),
    )
    .unionAll(
      db
        .selectFrom(notes(metricValues, 'n'))
        .where('n.code', '=', 'local-month')
        .select([sql<text>`n.source_key`.as('source_key'), 'n.code']),
    )
const delta = (db: Schemas) =>
  db
    .selectFrom(told(db).as('t'))
    .groupBy('t.source_key')
    .select(['t.source_key', sql<text>`min(t.code)`.as('code')])
    .as('delta')

/**
 * What the application showed, and all that the ledger tells of why it showed something else, come to what the new schema
 * holds. A value of which the ledger tells nothing counts as the application took it, where it showed it; any other one as
 * it is meant, where it belongs, or not at all where it was set aside or merged.
 */
const explained = m.parity('monthly production as it was shown, with all logged differences', {
  key: ['clinic_id', 'month'],
  source: (db) =>
    db
      .selectFrom(
        keptValues(db)
          .leftJoin(delta(db), 'delta.source_key', 'v.id')
          .where('metric.is_production', 'is', true)
          .select([
            sql<uuid | null>`case when delta.code is null then own.id else ${clinicOfValue} end`.as('clinic_id'),
            sql<date>`case when delta.code is null then ${monthOf(sql`v.date`)} else ${localMonth} end`.as('month'),
            sql<numeric>`case when delta.code is null then ${amountInApp(sql`v.value`)} else ${amountOfValue} end`.as(
              'value',
            ),
          ])
          .as('v'),
      )
      .groupBy(['v.clinic_id', 'v.month'])
      .select(['v.clinic_id', 'v.month', sum]),
  target: (db) =>
    production(db)
      .select(['v.clinic_id', targetMonth.as('month'), sum])
      .groupBy(['v.clinic_id', 'month']),
})

/** Every single value that counts for something else than the application showed has a code in the ledger. */
const untold = m.assertNone(
  'each value that differs from what was shown has its entry in the ledger',
  (db) =>
    db
      .selectFrom('legacy.metric_values as l')
      .innerJoin(metricsOf(db), 'metric.source_key', 'l.metric_definition_id')
      .leftJoin(delta(db), 'delta.source_key', 'l.id')
      .leftJoin(crosswalk(metricValues, 'w'), 'w.source_key', 'l.id')
      .leftJoin('public.metric_values as v', 'v.id', 'w.id')
      .leftJoin(crosswalk(clinics, 'own'), 'own.source_key', 'l.clinic_id')
      .where('metric.is_production', 'is', true)
      .where('delta.code', 'is', null)
      .where(
        sql<boolean>`(own.id, ${monthOf(sql`l.date`)}, ${amountInApp(sql`l.value`)}) is distinct from (v.clinic_id, ${targetMonth}, v.value)`,
      )
      .select(['l.id as value_id', 'v.id']),
  { key: ['value_id'] },
)

/** The values that the application shows in another month than their clinic's are the ones that the ledger notes. */
const otherMonths = m.parity('values whose month in UTC is not that of their clinic', {
  key: ['value_id'],
  source: (db) =>
    keptValues(db)
      .where(sql<boolean>`${monthOf(sql`v.date`)} <> ${localMonth}`)
      .select('v.id as value_id'),
  target: (db) =>
    db
      .selectFrom(notes(metricValues, 'n'))
      .where('n.code', '=', 'local-month')
      .select(sql<text>`n.source_key`.as('value_id')),
})

export const figures = [
  productionOfClinics,
  productionOfProviders,
  amounts,
  reportingDays,
  explained,
  untold,
  otherMonths,
]
