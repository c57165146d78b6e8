import {
  corrections,
  crosswalk,
  type date,
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
import { localMonth, monthInUtc, production, sumOfValues, targetMonth } from './production.ts'
import type { Schemas } from './question.ts'
import { amountOfValue, clinicOfValue, keptValues, metricsOf, monthOf } from './readings.ts'

// What the legacy application showed: it took texts for what `parseFloat` makes of them, in its rows' own clinics, by months
// in UTC. The new schema holds something else only where the ledger tells why.

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
            sql<date>`case when delta.code is null then ${monthInUtc} else ${localMonth} end`.as('month'),
            sql<numeric>`case when delta.code is null then ${amountInApp(sql`v.value`)} else ${amountOfValue} end`.as(
              'value',
            ),
          ])
          .as('v'),
      )
      .groupBy(['v.clinic_id', 'v.month'])
      .select(['v.clinic_id', 'v.month', sumOfValues]),
  target: (db) =>
    production(db)
      .select(['v.clinic_id', targetMonth.as('month'), sumOfValues])
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

/** What was shown is what the new schema holds, but for what the ledger tells. */
export const shown = [explained, untold]
