import {
  crosswalk,
  cutover,
  type date,
  type Expression,
  type int8,
  merged,
  type numeric,
  quarantined,
  sql,
  type text,
  type uuid,
} from 'drover'
import { m } from '../migration/base.ts'
import { clinics } from '../migration/clinics.ts'
import { goals } from '../migration/goals.ts'
import { amountOf } from './amount.ts'
import type { Schemas } from './question.ts'
import { amountIn, clinicOfValue, dayOfValue, keptValuesOfProviders, metricsOf } from './readings.ts'
import { bearers, clinicsOfProviders, dayOf, holderOf } from './whose.ts'

/** Its own clinic, or the provider's. */
const clinicOfGoal = sql<uuid | null>`coalesce(own.id, his.id)`
const days = [dayOf(sql`g.start_date`), dayOf(sql`g.end_date`)]
const startsOn = sql<date>`least(${sql.join(days)})`
const endsOn = sql<date>`greatest(${sql.join(days)})`

/** The goals that the new schema must hold, each read anew: all but those that the ledger says are set aside. */
const keptGoals = (db: Schemas) =>
  db
    .selectFrom('legacy.goals as g')
    .leftJoin(crosswalk(goals, 'w'), 'w.source_key', 'g.id')
    .leftJoin(metricsOf(db), 'metric.source_key', 'g.metric_definition_id')
    .leftJoin(crosswalk(clinics, 'own'), 'own.source_key', 'g.clinic_id')
    .leftJoin(clinicsOfProviders(db), 'his.legacy_id', 'g.provider_id')
    .leftJoin('public.clinics as home', (join) => join.on('home.id', '=', clinicOfGoal))
    .leftJoin(bearers(db), (join) =>
      join.onRef('bearer.legacy_id', '=', 'g.provider_id').on('bearer.clinic_id', '=', clinicOfGoal),
    )
    .leftJoin(quarantined(goals, 'out'), 'out.source_key', 'g.id')
    .leftJoin(merged(goals, 'folded'), 'folded.source_key', 'g.id')
    .where('out.source_key', 'is', null)
    .where('folded.source_key', 'is', null)

/** What the legacy values of a goal come to: same clinic and metric, and the same provider or none. */
const progressOfLegacy = (db: Schemas) =>
  db
    .selectFrom(
      keptGoals(db)
        .select([
          sql<uuid | text>`coalesce(w.id::text, g.id)`.as('goal_id'),
          'metric.id as definition_id',
          holderOf(sql`bearer.id`, clinicOfGoal).as('holder_id'),
          startsOn.as('starts_on'),
          endsOn.as('ends_on'),
          amountOf(sql`g.target_value`, sql`null::text`).as('target_value'),
        ])
        .offset(0)
        .as('g'),
    )
    .leftJoin(
      keptValuesOfProviders(db)
        .where(sql<boolean>`metric.data_type <> 'date'`)
        .select([
          'metric.id as definition_id',
          holderOf(sql`bearer.id`, clinicOfValue).as('holder_id'),
          dayOfValue.as('day'),
          'v.value',
          'its.number_locale',
          'its.percent_scale',
          'metric.data_type',
        ])
        .as('v'),
      (join) =>
        join
          .onRef('v.definition_id', '=', 'g.definition_id')
          .onRef('v.holder_id', '=', 'g.holder_id')
          .on(sql<boolean>`v.day between g.starts_on and g.ends_on`),
    )
    .groupBy(['g.goal_id', 'g.target_value'])

const progressOfTarget = (db: Schemas) =>
  db
    .selectFrom('public.goals as g')
    .leftJoin('public.metric_values as v', (join) =>
      join
        .onRef('v.metric_definition_id', '=', 'g.metric_definition_id')
        .on(
          sql<boolean>`coalesce(v.provider_id, v.clinic_id) = coalesce(g.provider_id, g.clinic_id) and v.metric_date between g.starts_on and g.ends_on`,
        ),
    )
    .groupBy(['g.id', 'g.target_value'])

const goalId = sql<text>`g.id::text`.as('goal_id')

/** What is reached, from the amounts of the values that a goal counts, and how much of the target that is. */
const progressFrom = (amount: Expression<numeric | null>) => {
  const reached = sql<numeric>`coalesce(sum(${amount}), 0)`
  const percentage = sql<numeric>`least(greatest(${reached} * 100 / nullif(g.target_value, 0), 0), 100)`
  return [reached.as('value'), percentage.as('percentage')] as const
}

/**
 * What has been reached of each goal, over all days from its first to its last, and how much of its target that is, between
 * 0 and 100.
 */
const progress = m.parity('current value and percentage of each goal', {
  key: ['goal_id'],
  source: (db) => progressOfLegacy(db).select(['g.goal_id', ...progressFrom(amountIn('v', 'v', 'v'))]),
  target: (db) => progressOfTarget(db).select([goalId, ...progressFrom(sql.ref('v.value'))]),
})

const cutoverDay = sql<date>`(${cutover()} at time zone 'UTC')::date`

/** How many goals are open at the cutover in each clinic: those that end on its day or later. */
const open = m.parity('open goals per clinic', {
  key: ['clinic_id'],
  source: (db) =>
    db
      .selectFrom(
        keptGoals(db)
          .select([clinicOfGoal.as('clinic_id'), endsOn.as('ends_on')])
          .as('g'),
      )
      .where(sql<boolean>`g.ends_on >= ${cutoverDay}`)
      .groupBy('g.clinic_id')
      .select(['g.clinic_id', sql<int8>`count(*)`.as('goals')]),
  target: (db) =>
    db
      .selectFrom('public.goals as g')
      .where('g.status', '=', 'active')
      .groupBy('g.clinic_id')
      .select(['g.clinic_id', sql<int8>`count(*)`.as('goals')]),
})

/** No goal ends before it starts. */
const forwards = m.assertNone(
  'no goal ends before it starts',
  (db) =>
    db
      .selectFrom('public.goals as g')
      .whereRef('g.starts_on', '>', 'g.ends_on')
      .select(['g.id', 'g.starts_on', 'g.ends_on']),
  { key: ['id'] },
)

/** Goals have come as far as they had. */
export const goalChecks = [progress, open, forwards]
