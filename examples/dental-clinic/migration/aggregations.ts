import { type date, type int8, type numeric, sql, type text } from 'drover'
import type { PublicGoalPeriod } from '../app.types.ts'
import { idOf, m } from './base.ts'

/** The periods that a day is in. Weeks begin on Sunday. */
const periods = sql<{ granularity: PublicGoalPeriod; starts: date; ends: date }>`(
  values
    ('daily'::public.goal_period, v.metric_date, v.metric_date),
    ('weekly', v.metric_date - extract(dow from v.metric_date)::integer, v.metric_date - extract(dow from v.metric_date)::integer + 6),
    ('monthly', date_trunc('month', v.metric_date)::date, (date_trunc('month', v.metric_date) + interval '1 month - 1 day')::date),
    ('quarterly', date_trunc('quarter', v.metric_date)::date, (date_trunc('quarter', v.metric_date) + interval '3 months - 1 day')::date),
    ('yearly', date_trunc('year', v.metric_date)::date, (date_trunc('year', v.metric_date) + interval '1 year - 1 day')::date)
)`.as<'period'>(sql`period (granularity, starts, ends)`)

/** What the values come to, for each period: for each provider, and without a provider for the whole clinic. */
export const metricAggregations = m.derive('metric_aggregations', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom('public.metric_values as v')
        .innerJoin('public.metric_definitions as d', 'd.id', 'v.metric_definition_id')
        .crossJoinLateral(() => periods)
        .where('d.rollup', '<>', 'none')
        .where('v.value', 'is not', null)
        .select(({ fn }) => [
          'v.clinic_id',
          'v.provider_id',
          'v.metric_definition_id',
          'period.granularity',
          'period.starts',
          'period.ends',
          sql<numeric>`sum(v.value)`.as('sum'),
          fn.countAll<int8>().as('n'),
          sql<numeric>`min(v.value)`.as('min'),
          sql<numeric>`max(v.value)`.as('max'),
        ])
        .groupBy(
          sql`grouping sets (
            (v.clinic_id, v.metric_definition_id, period.granularity, period.starts, period.ends),
            (v.clinic_id, v.metric_definition_id, period.granularity, period.starts, period.ends, v.provider_id)
          )`,
        )
        .having(sql<boolean>`grouping(v.provider_id) = 1 or v.provider_id is not null`)
        .as('a'),
    ),
  key: ({ a }) => [
    a.clinic_id,
    a.metric_definition_id,
    a.granularity,
    a.starts,
    sql<text>`coalesce(${a.provider_id}::text, 'clinic')`,
  ],
  to: 'public.metric_aggregations',
  columns: ({ a }) => ({
    id: idOf(
      'metric_aggregations',
      sql<text>`concat_ws(':', ${a.clinic_id}, ${a.metric_definition_id}, ${a.granularity}, ${a.starts}, ${a.provider_id})`,
    ),
    clinic_id: a.clinic_id,
    provider_id: a.provider_id,
    metric_definition_id: a.metric_definition_id,
    granularity: a.granularity,
    period_start: a.starts,
    period_end: a.ends,
    sum: a.sum,
    n: a.n,
    min: a.min,
    max: a.max,
  }),
})
