import {
  blankToNull,
  type bool,
  type Expression,
  fold,
  noteWhen,
  oldest,
  oneOf,
  required,
  sql,
  squish,
  type text,
} from 'drover'
import type { PublicMetricRollup } from '../app.types.ts'
import { idOf, m, stamps } from './base.ts'

/** A name as a code: lower-case words joined by underscores, beginning with a letter. */
const codeOf = (name: Expression<text>) => {
  const words = sql<text>`btrim(regexp_replace(${fold(name)}, '[^a-z0-9]+', '_', 'g'), '_')`
  return sql<text>`case when ${words} ~ '^[a-z]' then ${words} when ${words} <> '' then 'm_' || ${words} end`
}

/**
 * Metric definitions, shared by all clinics. Two with one code are merged where type, category and formula agree;
 * otherwise the later one's code gets a number. That needs a look at all rows, hence the stored query.
 */
export const metricDefinitions = m.map('metric_definitions', {
  from: (db) =>
    db.selectFrom(
      db
        .selectFrom(
          db
            .selectFrom('legacy.metric_definitions as d')
            .selectAll('d')
            .select(({ ref }) => [
              codeOf(ref('d.name')).as('code'),
              sql<text>`min(row(d.created_at, d.id)::text) over (
                partition by ${codeOf(ref('d.name'))}, d.data_type, d.category, d.calculation_formula
              )`.as('first_of_kind'),
            ])
            .as('k'),
        )
        .selectAll('k')
        .select(sql<number>`dense_rank() over (partition by k.code order by k.first_of_kind)`.as('variant'))
        .as('d'),
    ),
  key: ({ d }) => d.id,
  identity: (_, to) => [to.code],
  survivor: ({ d }) => oldest(d.created_at),
  to: 'public.metric_definitions',
  columns: ({ d }) => {
    const formula = blankToNull(squish(d.calculation_formula))
    const type = oneOf(d.data_type, ['currency', 'percentage', 'integer', 'decimal', 'date']).orQuarantine(
      'unknown-data-type',
    )
    const code = required(d.code).orQuarantine('no-code')
    return {
      id: idOf('metric_definitions', d.id),
      code: sql<text>`${code} || case when ${d.variant} > 1 then '_' || ${d.variant} else '' end`,
      name: required(blankToNull(squish(d.name))).orQuarantine('no-name'),
      description: squish(d.description),
      data_type: type,
      unit: sql<text | null>`case ${type} when 'currency' then 'currency' when 'percentage' then '%' when 'integer' then 'count' end`,
      category: oneOf(d.category, ['financial', 'patient', 'appointment', 'provider', 'treatment']).orElse(
        'appointment',
        'unknown-category',
      ),
      // What stands at a moment is not summed over time: balances, and how many are active.
      rollup: sql<PublicMetricRollup>`case
        when ${code} ~ '(balance|receivable|active)' and ${type} <> 'percentage' then 'last'
        when ${type} in ('currency', 'integer', 'decimal') then 'sum'
        when ${type} = 'percentage' then 'avg'
        else 'none'
      end`,
      lower_is_better: sql<bool>`${code} ~ '(no_show|cancel|adjustment|write_off|receivable|overhead|wait)'`,
      is_composite: noteWhen(
        sql<bool>`${formula} is not null`,
        'composite-flag',
        sql`${d.is_composite} <> (${formula} is not null)`,
      ),
      formula,
      ...stamps(d),
    }
  },
})
