import { type date, sql, type text, type uuid } from 'drover'
import { m } from '../migration/base.ts'

/** What values come to over longer periods, from shorter ones. */
const over = (first: unknown) => sql`
  select clinic_id, metric_definition_id, holder_id, ${first} as first,
    sum(sum) as sum, sum(n)::int8 as n, min(min) as min, max(max) as max`

/** All stored totals there must be. A total without a provider is held by the clinic. Weeks begin on Sunday. */
const live = sql<{ clinic_id: uuid; metric_definition_id: uuid; holder_id: uuid; granularity: text; first: date }>`(
  with days as (
    select v.clinic_id, v.metric_definition_id,
      case grouping(v.provider_id) when 1 then v.clinic_id else v.provider_id end as holder_id,
      v.metric_date as first, sum(v.value) as sum, count(*) as n, min(v.value) as min, max(v.value) as max
    from ${sql.table('public.metric_values')} as v
    join ${sql.table('public.metric_definitions')} as d on d.id = v.metric_definition_id and d.rollup <> 'none'
    where v.value is not null
    group by grouping sets (
      (v.clinic_id, v.metric_definition_id, v.metric_date),
      (v.clinic_id, v.metric_definition_id, v.metric_date, v.provider_id)
    )
    having grouping(v.provider_id) = 1 or v.provider_id is not null
  ), weeks as (${over(sql`date_trunc('week', first + 1)::date - 1`)} from days group by 1, 2, 3, 4
  ), months as (${over(sql`date_trunc('month', first)::date`)} from days group by 1, 2, 3, 4
  ), quarters as (${over(sql`date_trunc('quarter', first)::date`)} from months group by 1, 2, 3, 4
  ), years as (${over(sql`date_trunc('year', first)::date`)} from quarters group by 1, 2, 3, 4
  )
  select *, 'daily' as granularity, first as last from days
  union all select *, 'weekly', first + 6 from weeks
  union all select *, 'monthly', (first + interval '1 month')::date - 1 from months
  union all select *, 'quarterly', (first + interval '3 months')::date - 1 from quarters
  union all select *, 'yearly', (first + interval '1 year')::date - 1 from years
)`.as<'live'>(sql`live`)

/** Every stored total is what the values of its period come to, and there is one for every period with a value. */
export const aggregations = m.assertNone(
  'stored totals are what the values of each period come to',
  (db) =>
    db
      .selectFrom(live)
      .fullJoin(
        db
          .selectFrom('public.metric_aggregations as t')
          .selectAll('t')
          .select(sql<uuid>`coalesce(t.provider_id, t.clinic_id)`.as('holder_id'))
          .as('t'),
        (join) =>
          join
            .onRef('t.clinic_id', '=', 'live.clinic_id')
            .onRef('t.metric_definition_id', '=', 'live.metric_definition_id')
            .onRef('t.holder_id', '=', 'live.holder_id')
            .onRef('t.period_start', '=', 'live.first')
            .on(sql<boolean>`t.granularity::text = live.granularity`),
      )
      .where(
        sql<boolean>`(live.sum, live.n, live.min, live.max, live.last) is distinct from (t.sum, t.n, t.min, t.max, t.period_end)`,
      )
      .select([
        sql<uuid>`coalesce(t.clinic_id, live.clinic_id)`.as('clinic_id'),
        sql<uuid>`coalesce(t.metric_definition_id, live.metric_definition_id)`.as('definition_id'),
        sql<uuid>`coalesce(t.holder_id, live.holder_id)`.as('holder_id'),
        sql<text>`coalesce(t.granularity::text, live.granularity)`.as('granularity'),
        sql<date>`coalesce(t.period_start, live.first)`.as('starts_on'),
      ]),
  { key: ['clinic_id', 'definition_id', 'holder_id', 'granularity', 'starts_on'] },
)
